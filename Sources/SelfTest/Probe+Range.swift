import JSONBytes
package import RewardModel

extension Probe {
    /// Whether all rewards lie in the declared range.
    ///
    /// - Parameter range: of the rubric as a whole; its components' ranges show in their failures.
    package static func range(_ records: [ScoredRecord], declared range: ScoreRange?) -> Probe {
        let outside = records.filter { $0.result.isOutOfRange }
        let observed = records.rewards.min().map { ScoreRange.text($0, records.rewards.max() ?? $0) } ?? "no rewards"
        guard outside.isEmpty else {
            let declared = range.map { ScoreRange.text($0.lower, $0.upper) } ?? "a component's range"
            return Probe(.range, .failed, observed, "outside of \(declared): \(Phrases.lines(outside.map(\.line)))")
        }
        guard let range else { return Probe(.range, .noted, observed, "observed; no range is declared") }
        return Probe(.range, .passed, observed, "within \(ScoreRange.text(range.lower, range.upper))")
    }
}

extension ScoreRange {
    fileprivate static func text(_ lower: Double, _ upper: Double) -> String { "[\(lower), \(upper)]" }
}

extension ComponentResult {
    /// The result, or that of a component or member.
    fileprivate var isOutOfRange: Bool {
        if outcome.kind == .outOfRange || members?.contains(where: \.isOutOfRange) == true { return true }
        let parts = components?.elements() ?? []
        return parts.contains { $0.member("failure")?.member("kind")?.string() == OutcomeKind.outOfRange.rawValue }
    }
}
