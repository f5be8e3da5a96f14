package import JSONBytes
package import RewardModel

/// A reset that the environment answered with an observation.
package struct ResetExchange: Sendable {
    /// The request's data without the bridge's own key; nil when it had none.
    package var request: RawJSON?
    package var key: ResetKeyContent?
    /// The reply's `data`; nil when it was too large to keep.
    package var reply: RawJSON?
    /// The state after the reset, where it was asked for.
    package var state: RawJSON?

    package init(request: RawJSON?, key: ResetKeyContent?, reply: RawJSON?, state: RawJSON?) {
        self.request = request
        self.key = key
        self.reply = reply
        self.state = state
    }
}

/// A step that the environment answered with an observation.
package struct StepExchange: Sendable {
    package var action: RawJSON
    package var isToolListing: Bool
    package var observation: RawJSON
    /// What the environment itself said in `reward`.
    package var reward: RawJSON?
    package var done: Bool
    package var state: RawJSON?
    /// When the client's request came in.
    package var requestedAt: ContinuousClock.Instant
    /// Why it must not be scored, for example because it is too large; nil: it may.
    package var problem: Outcome?

    package init(
        action: RawJSON,
        isToolListing: Bool,
        observation: RawJSON,
        reward: RawJSON?,
        done: Bool,
        state: RawJSON?,
        requestedAt: ContinuousClock.Instant,
        problem: Outcome? = nil
    ) {
        self.action = action
        self.isToolListing = isToolListing
        self.observation = observation
        self.reward = reward
        self.done = done
        self.state = state
        self.requestedAt = requestedAt
        self.problem = problem
    }
}

/// A step's reply that may go out.
package struct Release: Sendable {
    package let ticket: UInt64
    package let reply: ScoredReply
}

/// What becomes of a step's reply.
package enum ScoredReply: Sendable, Hashable {
    case untouched
    /// `data.reward` becomes the number, or `null`.
    case reward(Double?, breakdown: RawJSON?)
    /// The environment's own reward stays.
    case environmentReward(breakdown: RawJSON?)
    /// An error frame in its place.
    case error
}
