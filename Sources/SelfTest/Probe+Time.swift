import RewardModel

extension Probe {
    /// How long calls ran.
    ///
    /// - Parameter limit: `call_timeout`.
    package static func time(_ records: [ScoredRecord], limit: Duration) -> Probe {
        let times = records.compactMap(\.result.runTime).sorted()
        let late = records.filter { $0.result.outcome.kind == .timeout }
        guard let longest = times.last else {
            guard late.isEmpty else { return Probe(.time, .noted, "", timedOut(late)) }
            return .skipped(.time, because: "where it runs, nobody measures calls")
        }
        let named = [("median", times.rank(0.5)), ("p99", times.rank(0.99)), ("longest", longest)]
        let figure = named.map { "\($0) \(Amounts.text($1))" }.joined(separator: ", ")
        guard late.isEmpty else { return Probe(.time, .noted, figure, timedOut(late)) }
        let timeout = "call_timeout (\(Amounts.text(limit)))"
        if longest <= limit / 2 {
            return Probe(.time, .passed, figure, "the longest takes less than half of \(timeout)")
        }
        return Probe(.time, .noted, figure, "the longest takes more than half of \(timeout)")
    }

    private static func timedOut(_ records: [ScoredRecord]) -> String {
        "out of time: \(Phrases.lines(Set(records.map(\.line)).sorted()))"
    }
}

extension [Duration] {
    /// The nearest rank, of a sorted and not empty array.
    fileprivate func rank(_ share: Double) -> Duration {
        self[Swift.max(Int((share * Double(count)).rounded(.up)), 1) - 1]
    }
}
