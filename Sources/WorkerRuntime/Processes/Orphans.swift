import CSpawn
import Glibc

/// Tells which children of this process are what ended workers left behind.
///
/// The bridge is its descendants' subreaper, so a process whose parent ended becomes its child. A worker leads a session,
/// and all that it starts carries its mark (environ, proc(5)); a process can shed both, but hardly by accident.
struct Orphans {
    /// Children that the bridge started and that have not ended.
    let registered: [Int32: ChildProcess]

    /// Adopted processes that no running child can claim.
    func found() -> [Int32] {
        let own = getsid(0)
        return ProcessTable.children().filter { process in
            registered[process] == nil && isLeftBehind(process, own: own)
        }
    }

    private func isLeftBehind(_ process: Int32, own: Int32) -> Bool {
        // Started by other code in this process; the bridge's own children lead sessions.
        guard let session = ProcessTable.session(of: process), session != own else { return false }
        if ProcessTable.isZombie(process) { return true }
        if registered[session] != nil { return false }
        let variables = ProcessTable.environment(of: process)
        if let mark = variables[ChildCommand.Role.worker.variable] {
            return !registered.values.contains { $0.mark == mark }
        }
        if variables[ChildCommand.Role.environment.variable] != nil { return false }
        return !registered.values.contains { $0.role == .environment }
    }

    /// Kills an orphan and reaps it, unless that takes too long.
    static func end(_ process: Int32, until limit: ContinuousClock.Instant) {
        let pidfd = Descriptor(owning: cspawn_pidfd(process))
        kill(process, SIGKILL)
        let left = ContinuousClock.now.duration(to: limit) / .milliseconds(1)
        var wait = pollfd(fd: pidfd.borrowed, events: Int16(POLLIN), revents: 0)
        _ = poll(&wait, 1, Int32(max(left, 1)))
        _ = waitpid(process, nil, WNOHANG)
    }
}
