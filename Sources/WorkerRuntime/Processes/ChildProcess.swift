import Glibc
import NIOPosix
package import RewardModel
import Synchronization

/// A running or ended child of the bridge.
///
/// It is watched and reaped by ``ProcessExits``, whether or not anybody holds this object.
package final class ChildProcess: Sendable {
    /// Also the id of its process group and session.
    package let processID: Int32
    let role: ChildCommand.Role
    /// Readable once the process has ended; closed when it is reaped.
    let pidfd: Descriptor
    /// Value of the mark in its environment.
    let mark: String
    private let isReaped = Mutex(false)
    private let onExit: @Sendable (ExitStatus) -> Void

    init(
        processID: Int32,
        role: ChildCommand.Role,
        pidfd: Descriptor,
        mark: String,
        onExit: @escaping @Sendable (ExitStatus) -> Void
    ) {
        self.processID = processID
        self.role = role
        self.pidfd = pidfd
        self.mark = mark
        self.onExit = onExit
    }

    /// Starts a child.
    ///
    /// - Parameters:
    ///   - onExit: called once, on the thread that watches exits, when the process is reaped and, for a worker, what it
    ///     left behind is gone too; must return at once.
    ///   - started: called once, on the spawner thread, possibly after `onExit`. An error says why there is no child.
    package static func start(
        _ command: ChildCommand,
        onExit: @escaping @Sendable (ExitStatus) -> Void,
        started: @escaping @Sendable (Result<ChildProcess, BridgeError>) -> Void
    ) {
        Spawner.thread.submit { _ in
            started(Result { () throws(BridgeError) in try ProcessExits.shared.spawn(command, onExit: onExit) })
        }
    }

    /// Starts a child and returns when it runs.
    /// - Throws: ``BridgeError`` (`.system`).
    package static func start(
        _ command: ChildCommand,
        onExit: @escaping @Sendable (ExitStatus) -> Void
    ) async throws -> ChildProcess {
        try await withCheckedThrowingContinuation { continuation in
            start(command, onExit: onExit) { continuation.resume(with: $0.mapError { $0 as any Error }) }
        }
    }

    /// Sends a signal to the child's process group. Nothing happens once the child is reaped, since its number may by
    /// then be another's. From any thread.
    package func signal(_ signal: Int32) {
        isReaped.withLock { isReaped in
            if !isReaped { kill(-processID, signal) }
        }
    }

    /// Reaps the child if it has ended, and kills what is left of its group. On the thread that watches exits.
    func reap() -> ExitStatus? {
        isReaped.withLock { isReaped in
            guard !isReaped, hasEnded else { return nil }
            // The child still holds its number as a zombie: the group cannot be a stranger's.
            kill(-processID, SIGKILL)
            var status: Int32 = 0
            guard waitpid(processID, &status, WNOHANG) == processID else { return nil }
            isReaped = true
            return ExitStatus(waitStatus: status)
        }
    }

    /// Whether it waits to be reaped, which this leaves so (WNOWAIT, waitid(2)).
    private var hasEnded: Bool {
        var info = siginfo_t()
        return waitid(P_PID, id_t(processID), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_signo == SIGCHLD
    }

    func exited(_ status: ExitStatus) {
        onExit(status)
    }
}
