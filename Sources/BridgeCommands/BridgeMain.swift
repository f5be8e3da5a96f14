import ArgumentParser
import Glibc
import PythonEmbedding
import RewardModel
import Synchronization

/// Runs the command line.
///
/// Synchronous, because the process's main thread is lent to Python: nothing else runs on it. The command runs in one
/// task, which this function owns and waits for.
package enum BridgeMain {
    package static func run() -> Never {
        let status = Mutex<Int32>(0)
        Task.detached {
            let code = await execute()
            status.withLock { $0 = code }
            PythonThread.main.stop()
            try? await Task.sleep(for: patience)
            // The main thread is stuck in a call of a rubric.
            fflush(nil)
            _exit(code)
        }
        PythonThread.main.run()
        fflush(nil)
        exit(status.withLock { $0 })
    }

    /// How long Python may take to let go of the main thread once everything else has ended.
    private static let patience = Duration.seconds(1)

    private static func execute() async -> Int32 {
        do {
            var command = try RewardBridge.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let error as BridgeError {
            Terminal.complain(error)
            return error.code == .configuration || error.code == .rubric ? 2 : 1
        } catch let error as ExitCode {
            return error.rawValue
        } catch {
            // Help, versions and wrong usage: the parser knows what to print, and where.
            RewardBridge.exit(withError: error)
        }
    }
}
