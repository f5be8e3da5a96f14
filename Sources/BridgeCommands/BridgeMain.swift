import ArgumentParser
import Dispatch
import Glibc
import RewardModel
import Synchronization

/// Runs the command line.
///
/// Synchronous, so that the process's main thread stays free: nothing runs on it but what needs it. The command runs in
/// one task, which this function owns and waits for.
package enum BridgeMain {
    package static func run() -> Never {
        let finished = DispatchSemaphore(value: 0)
        let status = Mutex<Int32>(0)
        Task.detached {
            let code = await execute()
            status.withLock { $0 = code }
            finished.signal()
        }
        finished.wait()
        fflush(nil)
        exit(status.withLock { $0 })
    }

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
