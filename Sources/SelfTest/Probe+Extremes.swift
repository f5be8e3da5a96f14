import RewardModel

extension Probe {
    /// Whether records that are known to be good, or worthless, score so. A file of them is an expectation.
    package static func expected(_ name: Name, _ records: [ScoredRecord], to reach: Extreme) -> Probe {
        let missed = records.filter { record in
            !record.outcomes.allSatisfy { $0.value.map(reach.isReached) ?? false }
        }
        let figure = "\(records.count - missed.count)/\(records.count) at the \(reach.side)"
        guard !missed.isEmpty else { return Probe(name, .passed, figure, "they reach \(reach.text)") }
        let each = missed.map { "line \($0.line): \($0.outcomes.map(\.shortText).joined(separator: ", "))" }
        return Probe(name, .failed, figure, "not at \(reach.text): \(Phrases.list(each))")
    }

    /// Whether empty and senseless answers score at the bottom. Nobody said that they have to.
    ///
    /// - Parameter records: made-up ones, each with what its answer was replaced by.
    package static func madeUpFloor(_ records: [(filler: Filler, scored: ScoredRecord)], _ bottom: Extreme) -> Probe {
        guard !records.isEmpty else {
            return .skipped(.floor, because: "the records hold no answer that could be replaced; give --floor FILE")
        }
        let judged = records.filter { $0.scored.outcomes.contains { $0.status != .unscored } }
        guard !judged.isEmpty else { return .skipped(.floor, because: "no made-up record was scored") }
        let missed = judged.filter { record in
            !record.scored.outcomes.allSatisfy { $0.value.map(bottom.isReached) ?? !$0.isFailed }
        }
        let figure = "\(judged.count - missed.count)/\(judged.count) at the bottom"
        guard !missed.isEmpty else {
            return Probe(.floor, .passed, figure, "an empty text, white space and \(Filler.long.name) earn nothing")
        }
        let each = missed.map { "\($0.filler.name) in line \($0.scored.line): \($0.scored.result.outcome.shortText)" }
        return Probe(.floor, .noted, figure, "not at \(bottom.text): \(Phrases.list(each))")
    }
}
