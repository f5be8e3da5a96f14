import GRDB
import RewardModel

/// The numbers by which rows name sessions and other long words, looked up once and remembered.
///
/// What it remembers is true of one database while its transactions succeed: after one that failed it must be
/// forgotten.
final class LedgerNumbers {
    private var sessions: [SessionID: Int64] = [:]
    private var series = RecentNumbers<Series>()
    private var origins = RecentNumbers<Origin>()

    /// Sessions that are remembered; far more than are open at once.
    private static let sessionsMax = 10_000

    /// An outcome's key without session, episode and step.
    private struct Series: Hashable {
        var unit: ScoringUnit
        var version: RubricVersion
        var component: String
        var kind: RowKind
    }

    private struct Origin: Hashable {
        var environment: String
        var rubric: String
        var mutable: Bool
        var source: String
    }

    func forget() {
        sessions = [:]
        series = RecentNumbers()
        origins = RecentNumbers()
    }

    func number(of session: SessionID, in database: Database) throws -> Int64 {
        if let number = sessions[session] { return number }
        let number = try database.number(
            insert: "INSERT INTO session_number (session) VALUES (?) ON CONFLICT DO NOTHING",
            select: "SELECT number FROM session_number WHERE session = ?",
            [session.description]
        )
        if sessions.count >= Self.sessionsMax { sessions = [:] }
        sessions[session] = number
        return number
    }

    func series(of key: OutcomeKey, in database: Database) throws -> Int64 {
        let wanted = Series(unit: key.unit, version: key.version, component: key.component, kind: key.kind)
        return try series.number(of: wanted) {
            try database.number(
                insert: """
                    INSERT INTO series (unit, version, component, kind) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                select: """
                    SELECT number FROM series WHERE unit = ? AND version = ? AND component = ? AND kind = ?
                    """,
                [key.unit.rawValue, key.version.digest, key.component, key.kind.rawValue]
            )
        }
    }

    func origin(of row: OutcomeRow, in database: Database) throws -> Int64 {
        let wanted = Origin(
            environment: row.environment,
            rubric: row.rubric,
            mutable: row.mutable,
            source: row.source
        )
        return try origins.number(of: wanted) {
            try database.number(
                insert: """
                    INSERT INTO origin (environment, rubric, mutable, source) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """,
                select: """
                    SELECT number FROM origin WHERE environment = ? AND rubric = ? AND mutable = ? AND source = ?
                    """,
                [row.environment, row.rubric, row.mutable, row.source]
            )
        }
    }
}

/// Numbers of words of which the same one is mostly asked for again and again.
private struct RecentNumbers<Word: Hashable> {
    private var last: (word: Word, number: Int64)?
    private var known: [Word: Int64] = [:]

    private static var knownMax: Int { 10_000 }

    mutating func number(of word: Word, make: () throws -> Int64) rethrows -> Int64 {
        // Texts that share their storage, as those of one session do, compare without being read.
        if let last, last.word == word { return last.number }
        let number = try known[word] ?? make()
        if known.count >= Self.knownMax { known = [:] }
        known[word] = number
        last = (word, number)
        return number
    }
}

extension Database {
    fileprivate func number(insert: String, select: String, _ arguments: StatementArguments) throws -> Int64 {
        try cachedStatement(sql: insert).execute(arguments: arguments)
        guard let number = try Int64.fetchOne(cachedStatement(sql: select), arguments: arguments) else {
            throw DatabaseError(message: "a number was not found where it was put", sql: select)
        }
        return number
    }
}
