package import RewardModel

/// A record, and what it scores without one of its parts.
package struct Deprived: Sendable {
    package let absence: Absence
    package let whole: ScoredRecord
    /// The whole record a second time.
    package let again: ScoredRecord
    package let outcome: Outcome

    package init(_ absence: Absence, _ whole: ScoredRecord, again: ScoredRecord, _ outcome: Outcome) {
        self.absence = absence
        self.whole = whole
        self.again = again
        self.outcome = outcome
    }

    /// What is wrong with it; nil: nothing. A part that nobody needs may be missing, but then it must not count.
    var finding: String? {
        guard let reward = outcome.value else { return nil }
        if absence.isNeeded { return "\(reward) without \(absence.name) in line \(whole.line)" }
        let before = whole.result.outcome
        // Where the whole record does not score the same again, another number says nothing.
        guard before.isSame(as: again.result.outcome), !before.isSame(as: outcome) else { return nil }
        return
            "\(before.shortText) becomes \(reward) without \(absence.name) in line \(whole.line), which it does not need"
    }
}
