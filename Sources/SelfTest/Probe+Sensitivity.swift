package import JSONBytes

extension Probe {
    /// Whether the reward tells records apart.
    ///
    /// - Parameter texts: of the records, as they are in the file.
    package static func sensitivity(_ records: [ScoredRecord], _ texts: [RawJSON]) -> Probe {
        guard Set(texts).count > 1 else {
            return .skipped(.sensitivity, because: "it takes two different records")
        }
        guard records.rewards.count > 1 else {
            return .skipped(.sensitivity, because: "it takes two records with a number")
        }
        let rewards = Set(records.rewards)
        guard rewards.count == 1, let only = rewards.first else {
            return Probe(.sensitivity, .passed, "\(rewards.count) different rewards", "it tells the records apart")
        }
        return Probe(.sensitivity, .noted, "1 reward", "each record scores \(only): nothing to learn from")
    }
}
