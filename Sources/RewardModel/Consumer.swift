/// The loop that reads the rewards. It decides how an episode's scores must arrive so that the loop ends up with them.
package enum Consumer: String, Sendable, CaseIterable {
    /// Any OpenEnv client; nothing is known of how it reads rewards.
    case generic
    /// verifiers: sums the steps' rewards, and reads null as 0.
    case verifiers
    /// TRL with the environment's typed client: takes the last step's reward.
    case trlEnvironment = "trl-env"
    /// TRL's OpenEnv harness: takes the last reward that is not null.
    case trlHarness = "trl-harness"
    /// `openenv collect`: takes the last reward that is not null.
    case collect
    /// eval-protocol: sums the steps' rewards.
    case evalProtocol = "eval-protocol"

    /// How the consumer makes one number of an episode's rewards.
    package enum Reading: Sendable {
        case sum
        case last
        case unknown
    }

    package var reading: Reading {
        switch self {
        case .generic: .unknown
        case .verifiers, .evalProtocol: .sum
        case .trlEnvironment, .trlHarness, .collect: .last
        }
    }

    /// The settings that suit the consumer, for a rubric of that unit; a setting given explicitly goes before.
    package func preset(for unit: ScoringUnit) -> Preset {
        Preset(
            fold: fold(for: unit),
            before: reading == .sum && !unit.scoresSteps ? .zero : .null,
            onFailed: self == .trlEnvironment ? .null : .error,
            onUnscored: .null
        )
    }

    private func fold(for unit: ScoringUnit) -> Fold {
        switch (unit.scoresSteps, reading) {
        case (true, .last): .running
        case (true, _): .perStep
        case (false, _): .last
        }
    }

    package struct Preset: Sendable, Hashable {
        package let fold: Fold
        package let before: BeforeScore
        package let onFailed: FailureDelivery
        package let onUnscored: UnscoredDelivery
    }
}

extension ScoringUnit {
    /// Whether each step has a score of its own.
    package var scoresSteps: Bool {
        switch self {
        case .step, .batch: true
        case .episode, .group: false
        }
    }
}
