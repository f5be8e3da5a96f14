extension Probe {
    /// Whether the records score the same again.
    ///
    /// - Parameters:
    ///   - again: the same records, in any order.
    ///   - isDeclared: by `deterministic: true`.
    ///   - how: they were scored again, for people.
    package static func sameness(
        _ name: Name,
        of records: [ScoredRecord],
        and again: [ScoredRecord],
        isDeclared: Bool,
        _ how: String
    ) -> Probe {
        let others = Dictionary(again.map { ($0.line, $0.result) }) { $1 }
        let differences = records.compactMap { record in
            others[record.line].flatMap { record.result.difference(from: $0) }.map { "line \(record.line): \($0)" }
        }
        let figure = "\(records.count - differences.count)/\(records.count) the same"
        guard !differences.isEmpty else { return Probe(name, .passed, figure, how) }
        let declared = isDeclared ? "; deterministic is declared" : ""
        return Probe(name, Verdict(false, isDeclared: isDeclared), figure, Phrases.list(differences) + declared)
    }

    /// Of an instance that could not be had; the rubric was loaded once, and nothing was declared of a second time.
    package static func notLoaded(_ name: Name, _ reason: String) -> Probe {
        Probe(name, .noted, "", reason)
    }

    package static func notCompared(_ name: Name, because reason: String) -> Probe {
        .skipped(name, because: reason)
    }
}
