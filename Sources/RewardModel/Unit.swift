/// What one score belongs to.
package enum ScoringUnit: String, Sendable, CaseIterable {
    /// One step with its reply.
    case step
    /// One episode, from its reset to its end.
    case episode
    /// Steps or episodes that are scored in one call and stay independent of each other.
    case batch
    /// Episodes of one prompt, scored relative to each other.
    case group
}

/// The range that a score must lie in, ends included.
package struct ScoreRange: Sendable, Hashable {
    package let lower: Double
    package let upper: Double

    /// - Returns: nil unless both ends are numbers and in order; an infinite end leaves that side open.
    package init?(_ lower: Double, _ upper: Double) {
        guard lower <= upper else { return nil }
        self.lower = lower
        self.upper = upper
    }

    package func contains(_ value: Double) -> Bool {
        lower <= value && value <= upper
    }
}
