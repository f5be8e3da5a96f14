import BridgeTesting
import EmbeddedRuntime
import Glibc
import Logging
import PythonEmbedding
import RewardModel
import WorkerRuntime

/// Tries the embedded runtime as the bridge runs it, on the process's main thread, which no test runner has.
///
///     embedded-trial contract PYTHON ADAPTERS
///     embedded-trial score PYTHON ADAPTERS FILE.py NAME[=SECONDS] ...
///
/// `contract` is silent and exits 0, or says what the runtime did wrong. `score` calls each named function of the file in
/// turn, with a deadline, and prints one line for each: its outcome, or why it could not be loaded.
@main
enum EmbeddedTrial {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 3 else { return complain("usage: embedded-trial contract|score PYTHON ADAPTERS ...") }
        Task.detached {
            let status = await run(arguments[0], python: arguments[1], adapters: arguments[2], arguments.dropFirst(3))
            fflush(nil)
            // The main thread may be stuck in a call.
            _exit(status)
        }
        PythonThread.main.run()
    }

    private static func run(
        _ verb: String,
        python: String,
        adapters: String,
        _ rest: ArraySlice<String>
    ) async -> Int32 {
        do {
            switch verb {
            case "contract":
                try await SeamContract().run(runtime: runtime(adapters, callTimeout: .seconds(5)), python: python)
            default:
                let runtime = runtime(adapters, callTimeout: .milliseconds(500))
                try await ScoreTrial(runtime: runtime, python: python, arguments: Array(rest)).run()
            }
            return 0
        } catch {
            complain("\(error)")
            return 1
        }
    }

    private static func runtime(_ adapters: String, callTimeout: Duration) -> EmbeddedRuntime {
        let options = EmbeddedOptions(
            callTimeout: callTimeout,
            wedgedAfter: .seconds(2),
            loadTimeout: .seconds(20),
            queueMax: 1000,
            adapters: adapters
        )
        var logger = Logger(label: "embedded") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel = .error
        return EmbeddedRuntime(options, logger: logger) { try await PythonHome.probed($0) }
    }

    private static func complain(_ text: String) {
        let line = text + "\n"
        _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    }
}

extension PythonHome {
    /// - Parameter name: `EXECUTABLE`, or `EXECUTABLE@PREFIX` or `EXECUTABLE!LIBRARY` to lie about one of them.
    static func probed(_ name: String) async throws -> PythonHome {
        let found = try await PythonInterpreter.probe(
            executable: String(name.prefix { $0 != "@" && $0 != "!" }),
            environment: ["PATH": "/usr/bin:/bin"],
            timeout: .seconds(20)
        )
        let parts = name.split(whereSeparator: { $0 == "@" || $0 == "!" })
        return PythonHome(
            executable: found.executable,
            version: found.version,
            prefix: name.contains("@") ? String(parts[1]) : found.prefix,
            libraries: name.contains("!") ? parts.dropFirst().map(String.init) : found.libraries
        )
    }
}
