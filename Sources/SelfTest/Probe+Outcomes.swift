import RewardModel

extension Probe {
    /// What became of the records; what has no number is listed by its kind.
    package static func outcomes(_ records: [ScoredRecord]) -> Probe {
        let all = records.flatMap { record in record.outcomes.map { (line: record.line, outcome: $0) } }
        let absent = Dictionary(grouping: all.filter { $0.outcome.value == nil }) { $0.outcome.label }
        let figure = "\(records.rewards.count)/\(all.count) scored"
        guard !absent.isEmpty else { return Probe(.outcomes, .passed, figure, "each record has a number") }
        let kinds = absent.sorted { $0.key < $1.key }.map { "\($0.key): \(Phrases.lines($0.value.map(\.line)))" }
        return Probe(.outcomes, .noted, figure, Phrases.list(kinds))
    }
}
