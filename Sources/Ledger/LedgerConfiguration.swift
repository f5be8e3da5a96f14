/// Where a ledger is, and what it bounds. The defaults are BridgeConfig's.
package struct LedgerConfiguration: Sendable, Hashable {
    /// The database file.
    package var path: String
    /// The longest time from an entry to its commit.
    package var window: Duration
    /// Entries that may wait for a commit.
    package var queueMax: Int
    /// Bytes of payload that may wait for a commit.
    package var queueBytesMax: Int

    package init(path: String, window: Duration, queueMax: Int, queueBytesMax: Int) {
        self.path = path
        self.window = window
        self.queueMax = queueMax
        self.queueBytesMax = queueBytesMax
    }
}
