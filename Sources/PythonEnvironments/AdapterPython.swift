import Foundation
import JSONBytes
import RewardModel
import WorkerRuntime

/// A Python that runs modules of the package `rewardbridge`.
package struct AdapterPython: Sendable {
    /// An absolute path.
    package let executable: String
    /// The folder that holds the package `rewardbridge`.
    let adapters: String
    let timeout: Duration

    private static let answerMax = 4 << 20

    package init(executable: String, adapters: String, timeout: Duration) {
        self.executable = executable
        self.adapters = adapters
        self.timeout = timeout
    }

    /// What a module prints: one JSON value, on its last line.
    /// - Throws: ``BridgeError`` (`.python`) when it does not end well or in time; `CancellationError`.
    func ask(_ module: String, _ arguments: [String] = []) async throws -> RawJSON {
        var variables = ProcessInfo.processInfo.environment.filter { $0.key == "PATH" }
        variables["PYTHONPATH"] = adapters
        variables["PYTHONDONTWRITEBYTECODE"] = "1"
        let command = ChildCommand(
            .worker,
            executable: executable,
            arguments: ["-m", module] + arguments,
            environment: variables,
            // `-m` puts the working folder before all others.
            directory: "/"
        )
        let run: OneShot.Run
        do {
            run = try await OneShot.run(command, outputMax: Self.answerMax, timeout: timeout)
        } catch let error as BridgeError {
            throw failure(module, error.message, cause: error)
        }
        guard run.status == .exited(0), let line = run.output.split(separator: "\n").last else {
            let said = run.error.split(separator: "\n").last.map { ": \($0)" } ?? ""
            throw failure(module, "\(run.status)\(said)")
        }
        return RawJSON(text: String(line))
    }

    func unreadable(_ module: String) -> BridgeError {
        failure(
            module,
            "its answer is of another form: the folder '\(adapters)' is of another release than the command"
        )
    }

    private func failure(_ module: String, _ reason: String, cause: (any Error)? = nil) -> BridgeError {
        BridgeError(
            .python,
            "could not run \(module) with '\(executable)': \(reason)",
            hint: "name another Python with --python",
            cause: cause
        )
    }
}
