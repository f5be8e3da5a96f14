import Foundation
import Testing

/// A run of `embedded-trial`, which stands beside the test binary: an interpreter needs a main thread, and one that is
/// stuck must not take the tests with it.
struct Trial {
    let status: Int32
    let output: [String]
    let errors: String

    static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The project's own virtual environment, which `scripts/setup.sh` makes.
    static let python = repository.appending(path: ".venv/bin/python").path

    static func contract(python: String = python) throws -> Trial {
        try run(["contract", python, adapters])
    }

    private static let adapters = repository.appending(path: "adapters").path

    private static func run(_ arguments: [String]) throws -> Trial {
        let process = Process()
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.executableURL = tests.deletingLastPathComponent().appending(path: "embedded-trial")
        process.arguments = arguments
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        // Both are short: neither pipe fills while the other is read.
        let written = output.fileHandleForReading.readDataToEndOfFile()
        let complaints = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Trial(
            status: process.terminationStatus,
            output: String(decoding: written, as: UTF8.self).split(separator: "\n").map(String.init),
            errors: String(decoding: complaints, as: UTF8.self)
        )
    }

    /// Writes `rubrics.py`, calls the named functions of it one after the other, and gives the lines.
    static func score(python: String = python, _ code: String, _ names: String...) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(path: "trial-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(code.utf8).write(to: folder.appending(path: "rubrics.py"))
        let trial = try run(["score", python, adapters, folder.path + "/rubrics.py"] + names)
        #expect(trial.status == 0, "\(trial.errors)")
        return trial.output
    }
}
