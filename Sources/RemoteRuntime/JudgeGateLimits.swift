/// Bounds of the gate itself; those of one judge are in ``JudgeOptions``.
package struct JudgeGateLimits: Sendable, Hashable {
    /// Connections from rubrics at a time; more are closed at once. Each holds one request and one answer at most.
    package var connectionsMax = 1024
    /// Bytes of a request's head.
    package var headerMax = 64 << 10
    /// How long a connection may stand still, but for one that waits for an answer.
    package var keepAlive = Duration.seconds(75)
    /// For clients to take their last answers when the gate stops.
    package var closeTimeout = Duration.seconds(5)

    package init() {}
}
