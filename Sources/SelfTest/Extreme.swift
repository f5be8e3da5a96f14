package import RewardModel

/// The best or the worst that records can score: an end of the declared range, else the best or worst that was seen.
package struct Extreme: Sendable, Hashable {
    package enum Side: Sendable {
        case top, bottom
    }

    let side: Side
    /// nil: neither is a range declared nor was anything scored.
    let bound: Double?
    let isDeclared: Bool

    /// Sums of weights end a few bits off the whole number that they are meant to be.
    private static let tolerance = 1e-9

    /// - Parameter records: those that a good and a bad answer are compared with.
    package init(_ side: Side, of range: ScoreRange?, or records: [ScoredRecord]) {
        let end = side == .top ? range?.upper : range?.lower
        let seen = side == .top ? records.rewards.max() : records.rewards.min()
        self.side = side
        isDeclared = end?.isFinite == true
        bound = isDeclared ? end : seen
    }

    /// Whether a reward is as good, or as bad, as it gets.
    func isReached(by reward: Double) -> Bool {
        guard let bound else { return true }
        let tolerance = Self.tolerance * Swift.max(1, abs(bound))
        return side == .top ? reward >= bound - tolerance : reward <= bound + tolerance
    }

    var text: String {
        guard let bound else { return "a number" }
        switch (side, isDeclared) {
        case (.top, true): return "the range's upper end \(bound)"
        case (.top, false): return "the best of the records, \(bound)"
        case (.bottom, true): return "the range's lower end \(bound)"
        case (.bottom, false): return "the lowest of the records, \(bound)"
        }
    }
}
