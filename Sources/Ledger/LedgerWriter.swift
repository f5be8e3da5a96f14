import GRDB
import JSONBytes
import RewardModel

/// Writes entries, inside one transaction of its database.
struct LedgerWriter {
    private let database: Database
    private let numbers: LedgerNumbers
    private var insertSession: BoundStatement
    private var endSession: BoundStatement
    private var insertEpisode: BoundStatement
    private var insertStep: BoundStatement
    private var insertOutcome: BoundStatement
    private var deliver: BoundStatement
    private var insertVersion: BoundStatement
    /// Outcomes that were there before.
    private(set) var duplicates = 0

    init(_ database: Database, _ numbers: LedgerNumbers) throws {
        self.database = database
        self.numbers = numbers
        let texts = BoundTexts()
        insertSession = try BoundStatement(Self.insertSession, in: database, texts: texts)
        endSession = try BoundStatement(Self.endSession, in: database, texts: texts)
        insertEpisode = try BoundStatement(Self.insertEpisode, in: database, texts: texts)
        insertStep = try BoundStatement(Self.insertStep, in: database, texts: texts)
        insertOutcome = try BoundStatement(Self.insertOutcome, in: database, texts: texts)
        deliver = try BoundStatement(Self.deliver, in: database, texts: texts)
        insertVersion = try BoundStatement(Self.insertVersion, in: database, texts: texts)
    }

    mutating func write(_ entry: JournalEntry) throws {
        switch entry {
        case .session(let row): try write(row)
        case .sessionEnded(let session, let at): try end(session, at)
        case .episode(let row): try write(row)
        case .step(let row): try write(row)
        case .outcome(let row): try write(row)
        case .delivered(let key, let delivery, let reward): try deliver(key, delivery, reward)
        case .version(let row): try write(row)
        }
    }

    private mutating func write(_ row: SessionRow) throws {
        insertSession.bind(row.session.description)
        insertSession.bind(row.environment)
        insertSession.bind(row.name)
        insertSession.bind(row.upstreamSession)
        insertSession.bind(row.startedAt)
        insertSession.bind(row.endedAt)
        try insertSession.run()
    }

    private mutating func end(_ session: SessionID, _ at: Int64) throws {
        endSession.bind(at)
        endSession.bind(session.description)
        try endSession.run()
    }

    private mutating func write(_ row: EpisodeRow) throws {
        insertEpisode.bind(try numbers.number(of: row.key.session, in: database))
        insertEpisode.bind(row.key.number)
        insertEpisode.bind(row.episodeID)
        insertEpisode.bind(row.name)
        insertEpisode.bind(row.environment)
        insertEpisode.bind(row.version?.digest)
        insertEpisode.bind(row.startedAt)
        insertEpisode.bind(row.endedAt)
        insertEpisode.bind(row.end?.rawValue)
        insertEpisode.bind(row.steps)
        insertEpisode.bind(row.score?.status.rawValue)
        insertEpisode.bind(row.score?.value)
        insertEpisode.bind(row.score?.kind?.rawValue)
        insertEpisode.bind(row.score?.text)
        insertEpisode.bind(row.usable)
        insertEpisode.bind(row.undelivered)
        try insertEpisode.run()
    }

    private mutating func write(_ row: StepRow) throws {
        insertStep.bind(try numbers.number(of: row.episode.session, in: database))
        insertStep.bind(row.episode.number)
        insertStep.bind(row.step)
        insertStep.bind(row.action)
        insertStep.bind(row.observation)
        insertStep.bind(row.reward)
        insertStep.bind(row.done)
        insertStep.bind(row.state)
        try insertStep.run()
    }

    private mutating func write(_ row: OutcomeRow) throws {
        insertOutcome.bind(try numbers.number(of: row.key.session, in: database))
        insertOutcome.bind(row.key.episode)
        insertOutcome.bind(row.key.step)
        insertOutcome.bind(try numbers.series(of: row.key, in: database))
        insertOutcome.bind(try numbers.origin(of: row, in: database))
        insertOutcome.bind(row.outcome.status.rawValue)
        insertOutcome.bind(row.outcome.value)
        insertOutcome.bind(row.outcome.kind?.rawValue)
        insertOutcome.bind(row.outcome.text)
        insertOutcome.bind(row.environmentReward)
        insertOutcome.bind(row.delivery.rawValue)
        insertOutcome.bind(row.delivered)
        insertOutcome.bind(row.weight)
        insertOutcome.bind(row.components)
        insertOutcome.bind(row.metrics)
        insertOutcome.bind(row.labels)
        insertOutcome.bind(row.usable)
        insertOutcome.bind(row.runTime)
        insertOutcome.bind(row.waitTime)
        insertOutcome.bind(row.createdAt)
        try insertOutcome.run()
        guard database.changesCount == 0 else { return }
        duplicates += 1
        if row.delivery != .none { try deliver(row.key, row.delivery, row.delivered) }
    }

    private mutating func deliver(_ key: OutcomeKey, _ delivery: DeliveryState, _ reward: RawJSON?) throws {
        deliver.bind(delivery.rawValue)
        deliver.bind(reward)
        deliver.bind(try numbers.number(of: key.session, in: database))
        deliver.bind(key.episode)
        deliver.bind(key.step)
        deliver.bind(try numbers.series(of: key, in: database))
        try deliver.run()
    }

    private mutating func write(_ row: VersionRow) throws {
        insertVersion.bind(row.version.digest)
        insertVersion.bind(row.rubric)
        insertVersion.bind(row.tree)
        insertVersion.bind(row.mutable)
        insertVersion.bind(row.createdAt)
        try insertVersion.run()
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
    private static let endSession = """
        UPDATE session SET ended_at = coalesce(ended_at, ?) WHERE id = ?
        """
    private static let insertEpisode = """
        INSERT OR REPLACE INTO episode VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    private static let insertStep = """
        INSERT INTO step VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    private static let insertOutcome = """
        INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
        """
    private static let deliver = """
        UPDATE outcome SET delivery = ?, delivered = ?
        WHERE session = ? AND episode = ? AND step = ? AND series = ? AND delivery = 'none'
        """
    private static let insertVersion = "INSERT INTO version VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
}
