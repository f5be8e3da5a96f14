package import RewardModel

/// Lays the scores of one episode on its replies. Pure: settle the steps in their order, put on the wire what it says.
///
/// After a failure every later step carries ``AttachmentPolicy/onFailed``, so that an exception that a client caught never
/// leaves a half-scored episode behind.
package struct EpisodeFold: Sendable {
    /// What one reply carries in `reward`.
    package enum Carried: Sendable, Hashable {
        case value(Double)
        case null
        /// The environment's own reward, byte for byte.
        case environment
        /// An error frame in place of the reply.
        case error
    }

    /// What a settled outcome stands for.
    package enum Basis: Sendable, Hashable {
        /// Its step alone.
        case step
        /// The episode up to and with its step.
        case prefix
    }

    private let policy: AttachmentPolicy
    private let basis: Basis
    private var reduction: EpisodeReduction
    private var firstProblem: Outcome?

    package init(policy: AttachmentPolicy, basis: Basis) {
        self.policy = policy
        self.basis = basis
        self.reduction = EpisodeReduction(basis == .step ? policy.reduce : .last)
    }

    /// A step whose outcome is not due with its reply.
    package func pending() -> Carried {
        if case .failed = firstProblem { return carried(for: policy.onFailed) }
        return policy.before == .zero ? .value(0) : .null
    }

    /// The outcome of the next step.
    /// - Parameter isLast: the episode ends with it.
    package mutating func settle(_ outcome: Outcome, isLast: Bool) -> Carried {
        let before = reduction.value
        switch outcome {
        case .scored(let value): reduction.add(value)
        case .unscored: firstProblem = firstProblem ?? outcome
        case .failed: if firstProblem?.isFailed != true { firstProblem = outcome }
        }
        if firstProblem?.isFailed == true { return carried(for: policy.onFailed) }
        switch policy.fold {
        case .perStep where basis == .step:
            return outcome.value.map(Carried.value) ?? carried(for: policy.onUnscored)
        case .perStep, .last:
            return isLast ? soFar : pending()
        case .running:
            return soFar
        case .delta:
            return delta(of: outcome, from: before)
        }
    }

    /// The episode's score as it stands: failed when any step failed, unscored when none was scored.
    package var score: Outcome? {
        if let firstProblem, firstProblem.isFailed { return firstProblem }
        return reduction.value.map(Outcome.scored) ?? firstProblem
    }

    private var soFar: Carried {
        reduction.value.map(Carried.value) ?? carried(for: policy.onUnscored)
    }

    private func delta(of outcome: Outcome, from before: Double?) -> Carried {
        guard let value = outcome.value, let after = reduction.value else { return carried(for: policy.onUnscored) }
        // A difference of sums would not give the step's own score back to the last bit.
        let isOwnScore = basis == .step && policy.reduce == .sum
        return .value(isOwnScore ? value : after - (before ?? 0))
    }

    private func carried(for choice: FailureDelivery) -> Carried {
        switch choice {
        case .error: .error
        case .null: .null
        case .env: .environment
        case .constant(let value): .value(value)
        }
    }
}
