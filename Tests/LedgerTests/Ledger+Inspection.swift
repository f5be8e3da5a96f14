import GRDB

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
}
