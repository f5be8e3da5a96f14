import RewardModel

extension Probe {
    /// Whether a missing input ends as an outcome with a kind, and never as a number.
    package static func absences(_ records: [Deprived]) -> Probe {
        guard !records.isEmpty else { return .skipped(.absent, because: "the records hold nothing to leave out") }
        let findings = records.compactMap(\.finding)
        let figure = "\(records.count - findings.count)/\(records.count) as they should"
        guard findings.isEmpty else { return Probe(.absent, .noted, figure, Phrases.list(findings)) }
        let kinds = Dictionary(grouping: records.filter { $0.outcome.value == nil }) { $0.outcome.label }
        let seen = kinds.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }
        let names = Set(records.map(\.absence.name)).sorted().joined(separator: ", ")
        return Probe(.absent, .passed, figure, "without \(names): \(seen.isEmpty ? "the same" : Phrases.list(seen))")
    }
}
