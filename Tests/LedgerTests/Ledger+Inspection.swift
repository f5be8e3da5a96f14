import GRDB
import Glibc

@testable import Ledger

extension Ledger {
    /// `journal_mode` and `synchronous` of the connection that writes.
    func pragmas() async throws -> [String] {
        try await pool.writeWithoutTransaction { database in
            try ["journal_mode", "synchronous"].compactMap { try String.fetchOne(database, sql: "PRAGMA \($0)") }
        }
    }

    /// Makes SQLite refuse writes, as a disk does that was mounted again read-only.
    func setReadOnly(_ isReadOnly: Bool) async throws {
        try await pool.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA query_only = \(isReadOnly ? "ON" : "OFF")")
        }
    }

    /// Makes the last write of an outcome's transaction fail for good.
    func setRefusing(_ isRefusing: Bool) async throws {
        let refuse = """
            CREATE TEMP TRIGGER refuse AFTER INSERT ON main.outcome BEGIN SELECT raise(ABORT, 'refused'); END
            """
        try await pool.writeWithoutTransaction { database in
            try database.execute(sql: isRefusing ? refuse : "DROP TRIGGER temp.refuse")
        }
    }

    /// Makes every sync of the log fail, as a broken disk does: a pipe cannot be synced (man 2 fdatasync, EINVAL).
    func breakLog() {
        var ends: [CInt] = [0, 0]
        Glibc.pipe(&ends)
        dup2(ends[1], log.descriptor)
        Glibc.close(ends[0])
        Glibc.close(ends[1])
    }
}
