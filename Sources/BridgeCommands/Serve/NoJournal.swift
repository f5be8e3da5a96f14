import RewardModel

/// Keeps nothing: `ledger.record: off`, or nothing is scored.
struct NoJournal: OutcomeJournal {
    func record(_ entries: [JournalEntry]) {}

    func sync(_ entries: [JournalEntry], then: @escaping @Sendable (Result<Void, BridgeError>) -> Void) {
        then(.success(()))
    }

    func flush() async {}

    var health: JournalHealth { JournalHealth() }
}
