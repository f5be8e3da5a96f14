import CSpawn
import Glibc
import NIOPosix
import RewardModel
import Synchronization

/// Watches the children of the bridge and reaps each by its own id, on one thread.
///
/// One per process, because children, their exits and the adoption of orphans are the process's: there is no SIGCHLD
/// handler and no `waitpid(-1)`, so other code's children are left to it.
final class ProcessExits: Sendable {
    static let shared = ProcessExits()

    /// How long orphans of running workers may stay zombies.
    private static let sweepInterval: Int32 = 10_000

    private struct State {
        var children: [Int32: ChildProcess] = [:]
        var marks = 0
    }

    private let state = Mutex(State())
    private let poller: Int32
    private let thread = NIOThreadPool(numberOfThreads: 1)

    private init() {
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        precondition(poller >= 0, "no descriptor left for epoll")
        cspawn_adopt_orphans()
        thread.start()
        thread.submit { [self] _ in
            while true { wait() }
        }
    }

    /// Starts and registers a child. On ``Spawner/thread`` only.
    ///
    /// Under the lock as a whole: a sweep that met a child between the two would take it for an orphan.
    func spawn(
        _ command: ChildCommand,
        onExit: @escaping @Sendable (ExitStatus) -> Void
    ) throws(BridgeError) -> ChildProcess {
        let result = state.withLock { state in
            Result { () throws(BridgeError) in try spawn(command, onExit: onExit, &state) }
        }
        return try result.get()
    }

    private func spawn(
        _ command: ChildCommand,
        onExit: @escaping @Sendable (ExitStatus) -> Void,
        _ state: inout State
    ) throws(BridgeError) -> ChildProcess {
        state.marks += 1
        let mark = String(state.marks)
        let (processID, pidfd) = try Spawner.spawn(command, mark: mark)
        let child = ChildProcess(
            processID: processID,
            role: command.role,
            pidfd: pidfd,
            mark: mark,
            onExit: onExit
        )
        state.children[processID] = child
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.fd = processID
        let added = epoll_ctl(poller, EPOLL_CTL_ADD, pidfd.borrowed, &event)
        precondition(added == 0, "a fresh pidfd cannot be watched")
        return child
    }

    // MARK: - On the watching thread

    private func wait() {
        var events = [epoll_event](repeating: epoll_event(), count: 16)
        let count = epoll_wait(poller, &events, Int32(events.count), Self.sweepInterval)
        let ended = events.prefix(Int(max(count, 0))).compactMap { end($0.data.fd) }
        sweep()
        for (child, status) in ended { child.exited(status) }
    }

    private func end(_ processID: Int32) -> (ChildProcess, ExitStatus)? {
        state.withLock { state in
            guard let child = state.children[processID], let status = child.reap() else { return nil }
            state.children[processID] = nil
            _ = epoll_ctl(poller, EPOLL_CTL_DEL, child.pidfd.borrowed, nil)
            child.pidfd.closeNow()
            return (child, status)
        }
    }

    /// Kills what ended workers left behind, until nothing is left or time is up; the next sweep meets the rest.
    private func sweep() {
        let limit = ContinuousClock.now + .seconds(2)
        while ContinuousClock.now < limit {
            let orphans = state.withLock { state in
                Orphans(registered: state.children).found()
            }
            if orphans.isEmpty { return }
            for orphan in orphans { Orphans.end(orphan, until: limit) }
        }
    }
}
