/// Answers questions about what was recorded. Entries appear once they are committed.
///
/// All methods throw ``BridgeError`` (`.storage`) when the ledger cannot be read.
package protocol OutcomeQueries: Sendable {
    /// Sessions that match, newest first.
    func sessions(_ query: SessionQuery) async throws -> [SessionSummary]

    /// - Returns: nil when there is no such session.
    func session(_ id: SessionID) async throws -> SessionSummary?

    /// By number.
    func episodes(of session: SessionID) async throws -> [EpisodeRow]

    /// By episode, step, component and kind; of one episode when it is given.
    func outcomes(of session: SessionID, episode: Int?) async throws -> [OutcomeRow]

    /// The steps of an episode from its reset on; empty unless it was recorded in full.
    func steps(of episode: EpisodeKey) async throws -> [StepRow]
}

/// Which sessions are asked for. Fields that are nil match everything.
package struct SessionQuery: Sendable, Hashable {
    package var environment: String?
    package var name: String?
    /// Sessions with an episode of that id.
    package var episodeID: String?
    package var upstreamSession: String?
    package var limit: Int
    package var offset: Int

    package init(
        environment: String? = nil,
        name: String? = nil,
        episodeID: String? = nil,
        upstreamSession: String? = nil,
        limit: Int = 100,
        offset: Int = 0
    ) {
        self.environment = environment
        self.name = name
        self.episodeID = episodeID
        self.upstreamSession = upstreamSession
        self.limit = limit
        self.offset = offset
    }
}

/// A session with counts over it.
package struct SessionSummary: Sendable, Hashable {
    package var row: SessionRow
    package var episodes: Int
    /// Rows of the rubric's totals, by status.
    package var scored: Int
    package var unscored: Int
    package var failed: Int

    package init(row: SessionRow, episodes: Int, scored: Int, unscored: Int, failed: Int) {
        self.row = row
        self.episodes = episodes
        self.scored = scored
        self.unscored = unscored
        self.failed = failed
    }
}
