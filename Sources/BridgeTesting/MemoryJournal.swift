package import RewardModel

/// A journal in memory.
package final class MemoryJournal: OutcomeJournal {
    private struct State {
        var entries: [JournalEntry] = []
        var syncs: [@Sendable (Result<Void, BridgeError>) -> Void] = []
    }

    private let state = Watched(State())

    package init() {}

    package func record(_ entries: [JournalEntry]) {
        state.change { $0.entries += entries }
    }

    package func sync(_ entries: [JournalEntry], then: @escaping @Sendable (Result<Void, BridgeError>) -> Void) {
        state.change { state in
            state.entries += entries
            state.syncs.append(then)
        }
    }

    package func flush() async {}
    package var health: JournalHealth { JournalHealth() }

    /// Lets waiting syncs end.
    package func finishSyncs(_ result: Result<Void, BridgeError>) {
        let syncs = state.change { state in
            defer { state.syncs = [] }
            return state.syncs
        }
        for then in syncs { then(result) }
    }

    package var entries: [JournalEntry] { state.value.entries }
    package var outcomes: [OutcomeRow] { entries.outcomes }
    package var episodes: [Int: EpisodeRow] { entries.episodes }
    package var steps: [StepRow] { entries.steps }

    /// Returns when the entries are as wanted.
    @discardableResult
    package func wait(
        for what: String,
        until isMet: @escaping @Sendable ([JournalEntry]) -> Bool
    ) async throws -> [JournalEntry] {
        try await state.wait(for: what) { isMet($0.entries) }.entries
    }

    /// Returns when that many syncs wait to be finished.
    package func wait(forSyncs count: Int) async throws {
        try await state.wait(for: "\(count) syncs") { $0.syncs.count >= count }
    }
}

extension [JournalEntry] {
    package var outcomes: [OutcomeRow] {
        compactMap { if case .outcome(let row) = $0 { row } else { nil } }
    }

    /// The last row of each episode of a session that is the journal's only one.
    package var episodes: [Int: EpisodeRow] {
        var rows: [Int: EpisodeRow] = [:]
        for case .episode(let row) in self { rows[row.key.number] = row }
        return rows
    }

    package var steps: [StepRow] {
        compactMap { if case .step(let row) = $0 { row } else { nil } }
    }

    /// How often a session ended.
    package var sessionEnds: Int {
        count { if case .sessionEnded = $0 { true } else { false } }
    }
}
