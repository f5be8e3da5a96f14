import Glibc
import NIOCore
import NIOPosix
import RewardModel

extension ChildProcess {
    /// Runs a program to its end. When the task is cancelled its group is killed; this returns when it is gone.
    ///
    /// - Throws: ``BridgeError`` (`.system`) when it could not be started.
    package static func run(_ command: ChildCommand) async throws -> ExitStatus {
        let end = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: ExitStatus.self)
        let child: ChildProcess
        do {
            child = try await start(command) { end.succeed($0) }
        } catch {
            end.fail(error)
            throw error
        }
        return try await withTaskCancellationHandler {
            try await end.futureResult.get()
        } onCancel: {
            child.signal(SIGKILL)
        }
    }
}
