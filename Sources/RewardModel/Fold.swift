/// How the scores of an episode are laid on its steps.
package enum Fold: String, Sendable, CaseIterable {
    /// Each step carries its own score.
    case perStep = "per-step"
    /// Each step carries the episode's score so far.
    case running
    /// The last step carries the episode's score, earlier ones ``BeforeScore``.
    case last
    /// Each step carries what it changed in the episode's score, so that the sum is the score.
    case delta
}

/// What a step carries that comes before the episode's score, with ``Fold/last``.
package enum BeforeScore: String, Sendable, CaseIterable {
    case null
    case zero
}

/// How the scores of an episode's steps become the score of the episode.
package enum EpisodeReduce: String, Sendable, CaseIterable {
    case sum
    case last
    case mean
    case max
}
