/// An episode, as the ledger keeps it. Recorded at its start and again whenever it has changed; the last record stands.
package struct EpisodeRow: Sendable, Hashable {
    package var key: EpisodeKey
    /// `episode_id` as the environment or the client names it; may repeat.
    package var episodeID: String?
    /// The name that the client gave; need not be unique.
    package var name: String?
    package var environment: String
    /// The version that the episode is pinned to; nil without a rubric.
    package var version: RubricVersion?
    /// Milliseconds since 1970-01-01T00:00Z, as is `endedAt`.
    package var startedAt: Int64
    package var endedAt: Int64?
    /// nil while the episode is open.
    package var end: EpisodeEnd?
    /// Step requests that were answered.
    package var steps: Int
    /// nil while it is not known.
    package var score: Outcome?
    /// Whether the score may be trained on.
    package var usable: Bool
    /// The episode ended without a reply to carry its score.
    package var undelivered: Bool

    package init(
        key: EpisodeKey,
        episodeID: String? = nil,
        name: String? = nil,
        environment: String,
        version: RubricVersion? = nil,
        startedAt: Int64,
        endedAt: Int64? = nil,
        end: EpisodeEnd? = nil,
        steps: Int = 0,
        score: Outcome? = nil,
        usable: Bool = true,
        undelivered: Bool = false
    ) {
        self.key = key
        self.episodeID = episodeID
        self.name = name
        self.environment = environment
        self.version = version
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.end = end
        self.steps = steps
        self.score = score
        self.usable = usable
        self.undelivered = undelivered
    }
}
