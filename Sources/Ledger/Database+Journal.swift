import GRDB
import RewardModel

extension Database {
    /// In a transaction of its own. GRDB's `write` compiles BEGIN and COMMIT each time.
    ///
    /// - Returns: how many outcomes were there before.
    func write(_ entries: [[JournalEntry]], _ numbers: LedgerNumbers) throws -> Int {
        try cachedStatement(sql: "BEGIN IMMEDIATE").execute()
        do {
            var writer = try LedgerWriter(self, numbers)
            for group in entries {
                for entry in group { try writer.write(entry) }
            }
            try cachedStatement(sql: "COMMIT").execute()
            return writer.duplicates
        } catch {
            // SQLite may have rolled back by itself (https://sqlite.org/lang_transaction.html, section 3).
            if isInsideTransaction { try? execute(sql: "ROLLBACK") }
            throw error
        }
    }

    func closeOpenEpisodes(now: Int64) throws -> Int {
        try execute(sql: "UPDATE session SET ended_at = ? WHERE ended_at IS NULL", arguments: [now])
        try execute(
            sql: "UPDATE episode SET ended_by = ?, ended_at = ?, usable = 0 WHERE ended_by IS NULL",
            arguments: [EpisodeEnd.bridgeRestart.rawValue, now]
        )
        return changesCount
    }
}
