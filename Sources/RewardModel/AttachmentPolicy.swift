/// What an attachment does with outcomes: the settings after the consumer's preset filled in what was left open.
package struct AttachmentPolicy: Sendable, Hashable {
    package var consumer: Consumer
    package var delivery: Delivery
    package var fold: Fold
    package var before: BeforeScore
    package var onFailed: FailureDelivery
    package var onUnscored: UnscoredDelivery
    package var reduce: EpisodeReduce
    /// From a step's reply by the environment to its outcome.
    package var deadline: Duration
    /// How long the client waits for a reply, counted from its request.
    package var clientTimeout: Duration
    /// The range that rewards must lie in; nil leaves it to the rubric.
    package var range: ScoreRange?
    /// Whether replies carry the breakdown in `data.metadata["rewardbridge"]`.
    package var breakdown: Bool
    package var durability: Durability

    /// Sentences, one a finding, on what the consumer will read otherwise than the ledger says; empty when they agree.
    package func disagreements(unit: ScoringUnit) -> [String] {
        var findings: [String] = []
        if fold == .perStep, !unit.scoresSteps {
            findings.append("fold per-step lays a score on each step, and the rubric scores whole episodes")
        }
        switch consumer.reading {
        case .sum: findings += disagreementsOfSummation(unit: unit)
        case .last: findings += disagreementsOfLastTaking()
        case .unknown: break
        }
        return findings
    }

    private func disagreementsOfSummation(unit: ScoringUnit) -> [String] {
        var findings: [String] = []
        if fold == .running {
            findings.append("consumer \(consumer.rawValue) sums rewards, and fold running repeats them on each step")
        }
        if fold == .perStep, unit.scoresSteps, reduce != .sum {
            findings.append("consumer \(consumer.rawValue) sums rewards, and reduce \(reduce.rawValue) does not")
        }
        if onFailed == .null {
            findings.append("consumer \(consumer.rawValue) reads null as 0, and on_failed null hides failures in it")
        }
        return findings
    }

    private func disagreementsOfLastTaking() -> [String] {
        var findings: [String] = []
        if fold == .perStep || fold == .delta {
            findings.append(
                "consumer \(consumer.rawValue) takes one reward, and fold \(fold.rawValue) spreads them over the steps"
            )
        }
        if fold == .last, before == .zero {
            findings.append(
                "consumer \(consumer.rawValue) takes the last reward, and before zero makes 0 of a truncated episode"
            )
        }
        if consumer == .trlEnvironment, onFailed == .error {
            findings.append("consumer trl-env puts the text of an error into the prompt, and on_failed error sends one")
        }
        return findings
    }
}
