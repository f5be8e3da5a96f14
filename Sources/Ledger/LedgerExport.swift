package import JSONBytes
import GRDB
package import RewardModel

/// Writes what was recorded as `evalrec/1` records, one an episode, by session and number.
package struct LedgerExport: Sendable {
    private let reader: LedgerReader

    /// Episodes that are read at a time. The database is let go of in between, so that a long export does not keep the
    /// write-ahead log from being folded into the file.
    private static let pageSize = 64

    package init(_ reader: LedgerReader) {
        self.reader = reader
    }

    /// - Parameters:
    ///   - session: nil for all.
    ///   - write: takes one record at a time, without a line end.
    /// - Returns: the number of records.
    /// - Throws: ``BridgeError`` (`.storage`) when the ledger cannot be read, and what `write` throws.
    package func run(session: SessionID?, to write: (RawJSON) async throws -> Void) async throws -> Int {
        var count = 0
        var last: EpisodeKey?
        while true {
            let page = try await records(of: session, after: last)
            for record in page { try await write(record.json) }
            count += page.count
            guard page.count == Self.pageSize else { return count }
            last = page.last?.key
        }
    }

    private func records(of session: SessionID?, after last: EpisodeKey?) async throws -> [Record] {
        let arguments: StatementArguments = [
            "session": session?.description, "afterSession": last?.session.description, "afterNumber": last?.number,
            "limit": Self.pageSize,
        ]
        do {
            return try await reader.database.read { database in
                try Row.fetchAll(database, sql: Self.page, arguments: arguments).map { row in
                    try Self.record(of: row.episodeRow(), in: database)
                }
            }
        } catch let error as DatabaseError {
            throw LedgerDatabase.error("read", path: reader.database.path, error)
        }
    }

    private static func record(of episode: EpisodeRow, in database: Database) throws -> Record {
        let session = episode.key.session.description
        let steps = try Row.fetchAll(database, sql: LedgerReader.steps, arguments: [session, episode.key.number])
        let outcomes = try Row.fetchAll(
            database,
            sql: LedgerReader.outcomes,
            arguments: ["session": session, "episode": episode.key.number]
        )
        let record = EpisodeRecord(
            episode: episode,
            steps: try steps.map { try $0.stepRow() },
            outcomes: try outcomes.map { try $0.outcomeRow() }
        )
        return Record(key: episode.key, json: record.json)
    }

    private struct Record {
        var key: EpisodeKey
        var json: RawJSON
    }

    private static let page = """
        SELECT * FROM episodes
        WHERE (:session IS NULL OR session = :session)
            AND (:afterSession IS NULL
                OR session >= :afterSession AND (session, number) > (:afterSession, :afterNumber))
        ORDER BY session, number LIMIT :limit
        """
}
