import AdapterSeam
import JSONBytes
import RewardModel
import RubricTree

/// What an episode's score gives each of its steps: as the library says, or else as the rubric file.
extension SessionScoring {
    /// Rows of kind `credit`, beside the episode's own.
    func creditRows(
        of result: ComponentResult,
        in episode: EpisodeInProgress,
        beside row: OutcomeRow
    ) -> [OutcomeRow] {
        guard row.key.unit == .episode, row.key.step == 0 else { return [] }
        guard let scores = result.stepScores?.elements() else {
            guard let credit = episode.binding.credit, let score = result.outcome.value else { return [] }
            return credit.shares(of: score, steps: episode.steps).enumerated().map { row.crediting($0 + 1, with: $1) }
        }
        return scores.compactMap { score in
            guard let step = score.member("step")?.int(), step > 0 else { return nil }
            return row.crediting(step, with: score.member("reward")?.double())
        }
    }
}

extension OutcomeRow {
    /// - Parameter reward: nil: it was no finite number.
    fileprivate func crediting(_ step: Int, with reward: Double?) -> OutcomeRow {
        var key = key
        (key.unit, key.step, key.kind) = (.step, step, .credit)
        let outcome = reward.flatMap { $0.isFinite ? Outcome.scored($0) : nil }
        return OutcomeRow(
            key: key,
            environment: environment,
            rubric: rubric,
            outcome: outcome ?? .failed(.notFinite, message: "the library gave the step no finite number"),
            usable: usable && outcome != nil,
            mutable: mutable,
            createdAt: createdAt
        )
    }
}
