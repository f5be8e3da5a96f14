import GRDB

/// The tables, and how older ones become today's. A migration that was released is never changed.
enum LedgerSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: first) }
        return migrator
    }

    /// Times are milliseconds since 1970-01-01T00:00Z, but for those of a run, in microseconds. JSON is kept as text,
    /// so that SQLite's JSON functions can be used on it.
    private static let first = """
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
            session TEXT NOT NULL,
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

        CREATE TABLE step (
            session TEXT NOT NULL,
            episode INTEGER NOT NULL,
            step INTEGER NOT NULL,
            action TEXT,
            observation TEXT NOT NULL,
            reward TEXT,
            done INTEGER NOT NULL,
            state TEXT,
            PRIMARY KEY (session, episode, step)
        ) STRICT;

        CREATE TABLE outcome (
            session TEXT NOT NULL,
            episode INTEGER NOT NULL,
            unit TEXT NOT NULL,
            step INTEGER NOT NULL,
            version TEXT NOT NULL,
            component TEXT NOT NULL,
            kind TEXT NOT NULL,
            environment TEXT NOT NULL,
            rubric TEXT NOT NULL,
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
            mutable INTEGER NOT NULL,
            run_us INTEGER,
            wait_us INTEGER,
            created_at INTEGER NOT NULL,
            source TEXT NOT NULL,
            PRIMARY KEY (session, episode, unit, step, version, component, kind)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE version (
            digest TEXT PRIMARY KEY NOT NULL,
            rubric TEXT NOT NULL,
            tree TEXT NOT NULL,
            mutable INTEGER NOT NULL,
            created_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
