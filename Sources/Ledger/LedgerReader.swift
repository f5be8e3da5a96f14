import GRDB
import Glibc
package import RewardModel

/// Reads a ledger, also one that a bridge is writing to.
package struct LedgerReader: OutcomeQueries {
    let database: any DatabaseReader

    init(_ database: any DatabaseReader) {
        self.database = database
    }

    /// Opens a ledger for reading only, without its lock.
    ///
    /// - Throws: ``BridgeError`` (`.storage`) when there is none, or one of another schema.
    package init(path: String) throws {
        guard access(path, F_OK) == 0 else {
            throw BridgeError(
                .storage,
                "could not open ledger '\(path)': there is none",
                hint: "a bridge with a rubric makes it; --state or --config says where that bridge keeps its state"
            )
        }
        do {
            let database = try DatabaseQueue(path: path, configuration: LedgerDatabase.readOnly)
            try database.read { try LedgerDatabase.checkSchema($0, path: path) }
            self.database = database
        } catch let error as DatabaseError {
            throw LedgerDatabase.error("open", path: path, error)
        }
    }

    package func sessions(_ query: SessionQuery) async throws -> [SessionSummary] {
        let arguments: StatementArguments = [
            "environment": query.environment, "name": query.name, "episodeID": query.episodeID,
            "upstream": query.upstreamSession, "limit": query.limit, "offset": query.offset,
        ]
        return try await rows(Self.summaries(of: Self.matching), arguments) { try $0.sessionSummary() }
    }

    package func session(_ id: SessionID) async throws -> SessionSummary? {
        try await rows(Self.summaries(of: "SELECT * FROM session WHERE id = ?"), [id.description]) {
            try $0.sessionSummary()
        }.first
    }

    package func episodes(of session: SessionID) async throws -> [EpisodeRow] {
        try await rows("SELECT * FROM episodes WHERE session = ? ORDER BY number", [session.description]) {
            try $0.episodeRow()
        }
    }

    package func outcomes(of session: SessionID, episode: Int?) async throws -> [OutcomeRow] {
        try await rows(Self.outcomes, ["session": session.description, "episode": episode]) { try $0.outcomeRow() }
    }

    package func steps(of episode: EpisodeKey) async throws -> [StepRow] {
        try await rows(Self.steps, [episode.session.description, episode.number]) { try $0.stepRow() }
    }

    private func rows<Value: Sendable>(
        _ sql: String,
        _ arguments: StatementArguments,
        _ read: @escaping @Sendable (Row) throws -> Value
    ) async throws -> [Value] {
        do {
            return try await database.read { database in
                try Row.fetchAll(database, sql: sql, arguments: arguments).map(read)
            }
        } catch let error as DatabaseError {
            throw LedgerDatabase.error("read", path: database.path, error)
        }
    }
}

extension LedgerReader {
    /// An episode's name counts as its session's.
    private static let matching = """
        SELECT * FROM session s
        WHERE (:environment IS NULL OR s.environment = :environment)
            AND (:name IS NULL OR s.name = :name OR s.id IN (SELECT session FROM episodes WHERE name = :name))
            AND (:episodeID IS NULL OR s.id IN (SELECT session FROM episodes WHERE episode_id = :episodeID))
            AND (:upstream IS NULL OR s.upstream_session = :upstream)
        ORDER BY s.id DESC LIMIT :limit OFFSET :offset
        """
    /// Counts the rubrics' totals, from indexes alone.
    private static func summaries(of sessions: String) -> String {
        """
        WITH found AS (\(sessions)),
            total AS (SELECT number FROM series WHERE component = '' AND kind = 'live'),
            counted AS (
                SELECT found.*,
                    (SELECT count(*) FROM episode WHERE session = n.number) AS episodes,
                    (SELECT count(*) FROM outcome WHERE session = n.number AND series IN total) AS outcomes,
                    (SELECT count(*) FROM outcome WHERE session = n.number AND series IN total
                        AND status <> 'scored' AND status = 'unscored') AS unscored,
                    (SELECT count(*) FROM outcome WHERE session = n.number AND series IN total
                        AND status <> 'scored' AND status = 'failed') AS failed
                FROM found LEFT JOIN session_number n ON n.session = found.id
            )
        SELECT *, outcomes - unscored - failed AS scored FROM counted ORDER BY id DESC
        """
    }
    static let outcomes = """
        SELECT * FROM outcomes
        WHERE session = :session AND (:episode IS NULL OR episode = :episode)
        ORDER BY episode, step, unit, component, kind, version
        """
    static let steps = "SELECT * FROM steps WHERE session = ? AND episode = ? ORDER BY step"
}

extension Row {
    fileprivate func sessionSummary() throws -> SessionSummary {
        SessionSummary(
            row: try sessionRow(),
            episodes: self["episodes"],
            scored: self["scored"],
            unscored: self["unscored"],
            failed: self["failed"]
        )
    }
}
