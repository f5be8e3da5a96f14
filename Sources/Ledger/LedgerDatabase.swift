import Foundation
import GRDB
import RewardModel

/// How a ledger's database is opened and checked.
enum LedgerDatabase {
    /// - Throws: ``BridgeError`` (`.storage`) when the file cannot be opened, is damaged, or is of another schema.
    static func open(path: String) throws -> DatabasePool {
        do {
            let pool = try DatabasePool(path: path, configuration: readWrite)
            try pool.writeWithoutTransaction { database in
                // As GRDB sets it for WAL. What must be on disk sooner, WriteAheadLog syncs.
                try database.execute(sql: "PRAGMA synchronous = NORMAL")
                // A page that many commits change is copied into the database once.
                try database.execute(sql: "PRAGMA wal_autocheckpoint = \(checkpointPages)")
                try checkIntegrity(database, path: path)
            }
            try pool.read { try refuseNewer($0, path: path) }
            try LedgerSchema.migrator.migrate(pool)
            return pool
        } catch let error as DatabaseError {
            throw self.error("open", path: path, error)
        }
    }

    /// 16 MiB of log: a longer one is hardly cheaper a row, and its checkpoint would hold up commits for longer.
    private static let checkpointPages = 4_000

    static var readWrite: GRDB.Configuration {
        var configuration = GRDB.Configuration()
        configuration.label = "ledger"
        configuration.foreignKeysEnabled = false
        // A reader that checkpoints on its last close may hold the file for a moment.
        configuration.busyMode = .timeout(5)
        return configuration
    }

    static var readOnly: GRDB.Configuration {
        var configuration = readWrite
        configuration.readonly = true
        return configuration
    }

    /// - Throws: ``BridgeError`` (`.storage`) unless the database has exactly today's tables.
    static func checkSchema(_ database: Database, path: String) throws {
        try refuseNewer(database, path: path)
        guard try LedgerSchema.migrator.hasCompletedMigrations(database) else {
            throw BridgeError(
                .storage,
                "could not read ledger '\(path)': its tables are of an older version",
                hint: "start the bridge once on it"
            )
        }
    }

    static func error(_ verb: String, path: String, _ error: DatabaseError) -> BridgeError {
        let hint =
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: damageHint
            case .SQLITE_CANTOPEN: "set ledger.path or state to a place that exists and can be written"
            case .SQLITE_FULL: "free some space on the disk"
            default: nil as String?
            }
        let reason = error.message ?? error.resultCode.description
        return BridgeError(.storage, "could not \(verb) ledger '\(path)': \(reason)", hint: hint, cause: error)
    }

    private static let damageHint = "move the file and its -wal away, or restore them from a backup"

    private static func refuseNewer(_ database: Database, path: String) throws {
        guard try LedgerSchema.migrator.hasBeenSuperseded(database) else { return }
        throw BridgeError(
            .storage,
            "could not open ledger '\(path)': its tables are of a newer version",
            hint: "use the rewardbridge that wrote it, or a newer one"
        )
    }

    private static func checkIntegrity(_ database: Database, path: String) throws {
        let finding = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
        guard finding == "ok" else {
            throw BridgeError(
                .storage,
                "could not open ledger '\(path)': it is damaged: \(finding ?? "no answer")",
                hint: damageHint
            )
        }
    }
}
