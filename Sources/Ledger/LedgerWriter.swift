import GRDB
import JSONBytes
import RewardModel

/// Writes entries, inside the transaction of its database.
struct LedgerWriter {
    let database: Database
    /// Outcomes that were there before.
    private(set) var duplicates = 0

    init(_ database: Database) {
        self.database = database
    }

    mutating func write(_ entry: JournalEntry) throws {
        switch entry {
        case .session(let row): try write(row)
        case .sessionEnded(let session, let at): try execute(Self.endSession, [at, session.description])
        case .episode(let row): try write(row)
        case .step(let row): try write(row)
        case .outcome(let row): try write(row)
        case .delivered(let key, let delivery, let reward): try deliver(key, delivery, reward)
        case .version(let row): try write(row)
        }
    }

    private func write(_ row: SessionRow) throws {
        try execute(
            Self.insertSession,
            [
                row.session.description, row.environment, row.name, row.upstreamSession, row.startedAt, row.endedAt,
            ]
        )
    }

    private func write(_ row: EpisodeRow) throws {
        let score = row.score
        try execute(
            Self.insertEpisode,
            [
                row.key.session.description, row.key.number, row.episodeID, row.name, row.environment,
                row.version?.digest, row.startedAt, row.endedAt, row.end?.rawValue, row.steps, score?.status.rawValue,
                score?.value, score?.kind?.rawValue, score?.text, row.usable, row.undelivered,
            ]
        )
    }

    private func write(_ row: StepRow) throws {
        try execute(
            Self.insertStep,
            [
                row.episode.session.description, row.episode.number, row.step, row.action?.text, row.observation.text,
                row.reward?.text, row.done, row.state?.text,
            ]
        )
    }

    private mutating func write(_ row: OutcomeRow) throws {
        try execute(
            Self.insertOutcome,
            row.key.columns + [
                row.environment, row.rubric, row.outcome.status.rawValue, row.outcome.value, row.outcome.kind?.rawValue,
                row.outcome.text, row.environmentReward?.text, row.delivery.rawValue, row.delivered?.text, row.weight,
                row.components?.text, row.metrics?.text, row.labels?.text, row.usable, row.mutable,
                row.runTime?.microseconds, row.waitTime?.microseconds, row.createdAt, row.source,
            ]
        )
        guard database.changesCount == 0 else { return }
        duplicates += 1
        if row.delivery != .none { try deliver(row.key, row.delivery, row.delivered) }
    }

    private func deliver(_ key: OutcomeKey, _ delivery: DeliveryState, _ reward: RawJSON?) throws {
        try execute(Self.deliver, [delivery.rawValue, reward?.text] + key.columns)
    }

    private func write(_ row: VersionRow) throws {
        try execute(
            Self.insertVersion,
            [
                row.version.digest, row.rubric, row.tree.text, row.mutable, row.createdAt,
            ]
        )
    }

    private func execute(_ sql: String, _ values: [(any DatabaseValueConvertible)?]) throws {
        try database.cachedStatement(sql: sql).execute(arguments: StatementArguments(values))
    }
}

extension LedgerWriter {
    private static let insertSession = """
        INSERT INTO session VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET
            name = coalesce(name, excluded.name),
            upstream_session = coalesce(upstream_session, excluded.upstream_session),
            ended_at = coalesce(ended_at, excluded.ended_at)
        """
    private static let endSession = "UPDATE session SET ended_at = coalesce(ended_at, ?) WHERE id = ?"
    private static let insertEpisode = """
        INSERT OR REPLACE INTO episode VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let insertStep = """
        INSERT INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    private static let insertOutcome = """
        INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO NOTHING
        """
    private static let deliver = """
        UPDATE outcome SET delivery = ?, delivered = ?
        WHERE session = ? AND episode = ? AND unit = ? AND step = ? AND version = ? AND component = ? AND kind = ?
            AND delivery = 'none'
        """
    private static let insertVersion = "INSERT INTO version VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
}

extension OutcomeKey {
    /// In the order of the primary key.
    fileprivate var columns: [(any DatabaseValueConvertible)?] {
        [session.description, episode, unit.rawValue, step, version.digest, component, kind.rawValue]
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
