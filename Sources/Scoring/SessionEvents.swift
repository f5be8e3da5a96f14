package import AdapterSeam
package import RewardModel

/// What reaches a session from other threads. Its owner brings each call to the session's own thread and passes it on to
/// ``SessionScoring``.
package protocol SessionEvents: ScoreSink {
    /// Rows that a reply waits for are on disk, or could not be written.
    func synced(_ ticket: UInt64, _ result: Result<Void, BridgeError>)
}
