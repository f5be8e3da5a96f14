package import JSONBytes

/// Takes what happened and makes it last. Safe from any thread; entries are kept in the order in which they are given.
package protocol OutcomeJournal: Sendable {
    /// Returns at once and never blocks; the entries are on disk within the journal's window. When the queue is full
    /// they are lost, which is counted in ``health``.
    func record(_ entries: [JournalEntry])

    /// Like ``record(_:)``, and says when the entries are synced to disk: `then` is called exactly once, on any thread,
    /// with a ``BridgeError`` (`.storage`) when they were not written.
    func sync(_ entries: [JournalEntry], then: @escaping @Sendable (Result<Void, BridgeError>) -> Void)

    /// Returns when everything that was given before is on disk, or was counted as lost.
    func flush() async

    var health: JournalHealth { get }
}

/// One thing that happened.
package enum JournalEntry: Sendable, Hashable {
    case session(SessionRow)
    /// `at` in milliseconds since 1970-01-01T00:00Z.
    case sessionEnded(SessionID, at: Int64)
    case episode(EpisodeRow)
    case step(StepRow)
    /// The first outcome of a key stands; another one is a duplicate. A delivery that was `none` is filled in.
    case outcome(OutcomeRow)
    /// An outcome recorded before reached the client. Fills in a delivery that was `none`.
    case delivered(OutcomeKey, DeliveryState, reward: RawJSON?)
    case version(VersionRow)
}

/// How a journal is.
package struct JournalHealth: Sendable, Hashable {
    /// Entries that wait to be written.
    package var queued = 0
    /// Entries that were written.
    package var committed = 0
    /// Entries that will never be written.
    package var lost = 0
    /// Outcomes that were recorded before.
    package var duplicates = 0
    /// Why entries were lost last; nil while none were.
    package var problem: String?

    package init() {}

    package var isDegraded: Bool { lost > 0 }
}
