import Synchronization

/// What passed through the gateway since it started. Safe from any thread.
package final class GatewayCounters: Sendable {
    let sessions = Atomic<Int>(0)
    let httpSteps = Atomic<Int>(0)
    let httpToolCalls = Atomic<Int>(0)
    let desynchronised = Atomic<Int>(0)
    let violations = Atomic<Int>(0)

    package struct Snapshot: Sendable, Hashable {
        /// WebSocket sessions that were opened.
        package let sessions: Int
        /// Steps over HTTP: relayed, never scored.
        package let httpSteps: Int
        /// Calls on `/mcp`: relayed, never scored.
        package let httpToolCalls: Int
        /// Sessions whose requests and replies no longer paired up.
        package let desynchronised: Int
        /// Connections closed because a peer broke RFC 6455 or a size limit.
        package let violations: Int
    }

    package var snapshot: Snapshot {
        Snapshot(
            sessions: sessions.load(ordering: .relaxed),
            httpSteps: httpSteps.load(ordering: .relaxed),
            httpToolCalls: httpToolCalls.load(ordering: .relaxed),
            desynchronised: desynchronised.load(ordering: .relaxed),
            violations: violations.load(ordering: .relaxed)
        )
    }
}
