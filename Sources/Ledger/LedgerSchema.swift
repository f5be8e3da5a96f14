import GRDB

/// The tables, and how older ones become today's. A migration that was released is never changed.
///
/// The tables are for writing, the views of the same names in the plural for reading: a table's rows name sessions, and
/// what else is long and repeats, by number; a view puts the words back.
enum LedgerSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: numbers + sessions + outcomes) }
        return migrator
    }

    /// `series` is what an outcome's key has beside session, episode and step; `origin` what rows of a series share.
    private static let numbers = """
        CREATE TABLE session_number (
            number INTEGER PRIMARY KEY,
            session TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE series (
            number INTEGER PRIMARY KEY,
            unit TEXT NOT NULL,
            version TEXT NOT NULL,
            component TEXT NOT NULL,
            kind TEXT NOT NULL,
            UNIQUE (unit, version, component, kind)
        ) STRICT;

        CREATE TABLE origin (
            number INTEGER PRIMARY KEY,
            environment TEXT NOT NULL,
            rubric TEXT NOT NULL,
            mutable INTEGER NOT NULL,
            source TEXT NOT NULL,
            UNIQUE (environment, rubric, mutable, source)
        ) STRICT;

        """

    /// Times are milliseconds since 1970-01-01T00:00Z, but for those of a run, in microseconds. JSON is kept as text,
    /// so that SQLite's JSON functions can be used on it.
    private static let sessions = """
        CREATE TABLE version (
            digest TEXT PRIMARY KEY NOT NULL,
            rubric TEXT NOT NULL,
            tree TEXT NOT NULL,
            mutable INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE session (
            id TEXT PRIMARY KEY NOT NULL,
            environment TEXT NOT NULL,
            name TEXT,
            upstream_session TEXT,
            started_at INTEGER NOT NULL,
            ended_at INTEGER
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX session_name ON session (name) WHERE name IS NOT NULL;
        CREATE INDEX session_upstream ON session (upstream_session) WHERE upstream_session IS NOT NULL;

        CREATE TABLE episode (
            session INTEGER NOT NULL,
            number INTEGER NOT NULL,
            episode_id TEXT,
            name TEXT,
            environment TEXT NOT NULL,
            version TEXT,
            started_at INTEGER NOT NULL,
            ended_at INTEGER,
            ended_by TEXT,
            steps INTEGER NOT NULL,
            status TEXT,
            value REAL,
            reason TEXT,
            detail TEXT,
            usable INTEGER NOT NULL,
            undelivered INTEGER NOT NULL,
            PRIMARY KEY (session, number)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX episode_id ON episode (episode_id) WHERE episode_id IS NOT NULL;
        CREATE INDEX episode_open ON episode (session) WHERE ended_by IS NULL;
        CREATE VIEW episodes AS
            SELECT n.session, e.number, e.episode_id, e.name, e.environment, e.version, e.started_at, e.ended_at,
                e.ended_by, e.steps, e.status, e.value, e.reason, e.detail, e.usable, e.undelivered
            FROM session_number n CROSS JOIN episode e ON e.session = n.number;

        CREATE TABLE step (
            session INTEGER NOT NULL,
            episode INTEGER NOT NULL,
            step INTEGER NOT NULL,
            action TEXT,
            observation TEXT NOT NULL,
            reward TEXT,
            done INTEGER NOT NULL,
            state TEXT,
            PRIMARY KEY (session, episode, step)
        ) STRICT;
        CREATE VIEW steps AS
            SELECT n.session, s.episode, s.step, s.action, s.observation, s.reward, s.done, s.state
            FROM session_number n CROSS JOIN step s ON s.session = n.number;

        """

    /// Rows lie in the order in which they came, so that those of one commit share pages, whatever their sessions; only
    /// the index, which is small, has a place for each session.
    ///
    /// What an episode's end makes unusable, is so for its outcomes too. A cross join keeps the order of its tables
    /// (https://sqlite.org/optoverview.html#crossjoin): one session is looked up first.
    private static let outcomes = """
        CREATE TABLE outcome (
            session INTEGER NOT NULL,
            episode INTEGER NOT NULL,
            step INTEGER NOT NULL,
            series INTEGER NOT NULL,
            origin INTEGER NOT NULL,
            status TEXT NOT NULL,
            value REAL,
            reason TEXT,
            detail TEXT,
            environment_reward TEXT,
            delivery TEXT NOT NULL,
            delivered TEXT,
            weight REAL,
            components TEXT,
            metrics TEXT,
            labels TEXT,
            usable INTEGER NOT NULL,
            run_us INTEGER,
            wait_us INTEGER,
            created_at INTEGER NOT NULL,
            UNIQUE (session, episode, step, series)
        ) STRICT;
        CREATE INDEX outcome_without_score ON outcome (session, series, status) WHERE status <> 'scored';
        CREATE VIEW outcomes AS
            SELECT n.session, o.episode, r.unit, o.step, r.version, r.component, r.kind, f.environment, f.rubric,
                o.status, o.value, o.reason, o.detail, o.environment_reward, o.delivery, o.delivered, o.weight,
                o.components, o.metrics, o.labels, o.usable AND coalesce(e.usable, 1) AS usable, f.mutable, o.run_us,
                o.wait_us, o.created_at, f.source
            FROM session_number n
            CROSS JOIN outcome o ON o.session = n.number
            CROSS JOIN series r ON r.number = o.series
            CROSS JOIN origin f ON f.number = o.origin
            LEFT JOIN episode e ON e.session = o.session AND e.number = o.episode;
        """
}
