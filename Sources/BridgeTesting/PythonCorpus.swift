import Foundation
package import NIOCore

/// A corpus of texts that a script of `Tests/Fixtures/json` makes and judges.
package struct PythonCorpus {
    private let script: String

    package init(script: String) {
        self.script = script
    }

    /// Has the script make texts, answers each, and has it compare the answers with what Python reads.
    ///
    /// - Parameter answer: parts of the answer; nil parts are told apart from empty ones.
    /// - Returns: what it found wrong, and how many texts Python took.
    /// - Throws: ``ContractBreach`` when the script fails.
    package func judge(
        seed: Int,
        count: Int,
        _ answer: (ByteBuffer) -> [ByteBuffer?]
    ) throws -> (wrong: [String], taken: Int) {
        let texts = try run(["generate", String(seed), String(count)], input: Data())
        var answers = Data()
        for line in texts.split(separator: UInt8(ascii: "\n")) {
            guard let text = Data(base64Encoded: line.dropFirst()).map({ ByteBuffer(bytes: $0) }) else {
                throw ContractBreach("\(script) wrote a line that is not base64")
            }
            let parts = answer(text).map { $0.map { ":" + Data($0.readableBytesView).base64EncodedString() } ?? "-" }
            answers.append(line)
            answers.append(Data((" " + parts.joined(separator: " ") + "\n").utf8))
        }
        let lines = String(decoding: try run(["check"], input: answers), as: UTF8.self).split(separator: "\n")
        guard let taken = lines.last.flatMap({ Int($0.dropFirst("taken ".count)) }) else {
            throw ContractBreach("\(script) did not say how many texts Python took")
        }
        return (lines.dropLast().map(String.init), taken)
    }

    private func run(_ arguments: [String], input: Data) throws -> Data {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try input.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        // No byte code left beside the scripts.
        process.arguments = ["python3", "-B", Self.folder + script] + arguments
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ContractBreach("\(script) ended with \(process.terminationStatus)")
        }
        return data
    }

    private static let folder =
        #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/Tests/Fixtures/json/"
}
