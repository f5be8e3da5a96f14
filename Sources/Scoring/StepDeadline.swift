package import RewardModel

/// How long a step's outcome may take.
package enum StepDeadline {
    /// What is kept back of the client's patience for the way of the reply.
    package static let reserve = Duration.seconds(2)

    /// The least of the attachment's deadline and of what is left of the client's time.
    ///
    /// - Parameters:
    ///   - requested: when the client's step request came in.
    ///   - replied: when the environment's reply came in; both deadlines are relative to these two.
    /// - Returns: nil when no time is left.
    package static func instant(
        policy: AttachmentPolicy,
        requested: ContinuousClock.Instant,
        replied: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        let own = replied + policy.deadline
        let clients = requested + policy.clientTimeout - reserve
        let deadline = min(own, clients)
        return deadline > replied ? deadline : nil
    }
}
