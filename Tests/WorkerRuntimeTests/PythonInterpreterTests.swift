import Foundation
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("PythonInterpreter")
struct PythonInterpreterTests {
    private let environment = ProcessInfo.processInfo.environment

    private func probe(_ executable: String, _ modules: [String] = []) async throws -> PythonInterpreter {
        try await PythonInterpreter.probe(
            executable: executable,
            modules: modules,
            environment: environment,
            timeout: .seconds(10)
        )
    }

    /// Runs a probe on a script that stands in for Python.
    private func failure(of script: String, mode: Int = 0o755) async throws -> BridgeError? {
        let file = FileManager.default.temporaryDirectory.appending(path: "python-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: file))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return await #expect(throws: BridgeError.self) {
            try await PythonInterpreter.probe(executable: file, environment: environment, timeout: .seconds(1))
        }
    }

    @Test("an interpreter tells its version, prefix and implementation, and what it lacks")
    func found() async throws {
        let python = try await probe("python3", ["json", "no_such_module", "no_such_package.module"])
        #expect(python.version.hasPrefix("3."))
        #expect(python.executable.hasPrefix("/"))
        #expect(!python.prefix.isEmpty && !python.implementation.isEmpty)
        #expect(python.missing == ["no_such_module", "no_such_package.module"])
    }

    @Test("a virtual environment is itself, and not the Python that it was made from")
    func virtualEnvironment() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "venv-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let command = ChildCommand(
            .worker,
            executable: try await StandIn.python,
            arguments: ["-m", "venv", "--without-pip", folder],
            environment: environment
        )
        #expect(try await OneShot.run(command, outputMax: 10_000, timeout: .seconds(60)).status == .exited(0))
        let python = try await probe("\(folder)/bin/python")
        #expect(python.prefix == folder && python.executable == "\(folder)/bin/python")
    }

    @Test("what will not do is told with the reason and a hint")
    func failures() async throws {
        let missing = await #expect(throws: BridgeError.self) { try await probe("no-such-python") }
        #expect(missing?.message == "could not use Python 'no-such-python': there is no such program")
        #expect(missing?.hint != nil && missing?.code == .python)
        #expect(try await failure(of: "", mode: 0o644)?.message.hasSuffix(": it is not executable") == true)
        #expect(try await failure(of: "exit 3")?.message.contains("no working Python (exit status 3)") == true)
        #expect(try await failure(of: "echo hello")?.message.contains("no working Python") == true)
        #expect(try await failure(of: "sleep 100")?.message.contains("no end within") == true)
        let old = #"echo '{"executable":"/p","version":"3.9.1","prefix":"/","implementation":"x","missing":[]}'"#
        #expect(
            try await failure(of: old)?.message.hasSuffix("it is Python 3.9.1, and 3.10 is the oldest that will do")
                == true
        )
    }
}
