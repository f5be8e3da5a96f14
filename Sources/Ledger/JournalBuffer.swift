import JSONBytes
import RewardModel

/// The entries that wait to be written, and who waits for them: decides when to commit, and does nothing itself.
struct JournalBuffer {
    typealias Waiter = @Sendable (Result<Void, BridgeError>) -> Void

    /// What is written in one transaction.
    struct Batch {
        var entries: [JournalEntry] = []
        var waiters: [Waiter] = []
        fileprivate var bytes = 0

        var isEmpty: Bool { entries.isEmpty && waiters.isEmpty }
    }

    enum AppendAction: Equatable {
        case none
        /// Commit when the window has passed.
        case commitLater
        case commitNow
        /// The entries do not fit; they are lost, and the waiter must be told.
        case refuse(reason: String)
    }

    enum FailureAction: Equatable {
        /// The batch's entries are at the front again: commit after a pause.
        case retry
        /// The batch's entries are lost.
        case drop
    }

    private enum Schedule {
        case none
        case later
        case now
    }

    /// So many entries are committed before their window ends: larger transactions are hardly faster.
    private static let commitAt = 1_000

    private(set) var health = JournalHealth()
    private let queueMax: Int
    private let bytesMax: Int
    private var pending = Batch()
    private var schedule = Schedule.none
    /// Entries and bytes of the batch that is being written.
    private var writing = (entries: 0, bytes: 0)
    private var isClosed = false

    init(queueMax: Int, bytesMax: Int) {
        self.queueMax = queueMax
        self.bytesMax = bytesMax
    }

    mutating func append(_ entries: [JournalEntry], waiter: Waiter?) -> AppendAction {
        let bytes = entries.reduce(0) { $0 + $1.bytes }
        if let reason = refusal(of: entries.count, bytes: bytes) {
            health.lost += entries.count
            health.problem = reason
            return .refuse(reason: reason)
        }
        pending.entries += entries
        pending.bytes += bytes
        health.queued += entries.count
        if let waiter {
            pending.waiters.append(waiter)
            return reschedule(.now)
        }
        if entries.isEmpty { return .none }
        return reschedule(pending.entries.count < Self.commitAt ? .later : .now)
    }

    /// The batch to write; another one may gather meanwhile, but must not be taken.
    mutating func take() -> Batch {
        let batch = pending
        pending = Batch()
        schedule = .none
        writing = (batch.entries.count, batch.bytes)
        return batch
    }

    mutating func committed(_ batch: Batch, duplicates: Int) {
        writing = (0, 0)
        health.queued -= batch.entries.count
        health.committed += batch.entries.count
        health.duplicates += duplicates
        if health.lost == 0 { health.problem = nil }
    }

    /// - Parameter isTemporary: whether the same entries may be written later, as with a full disk.
    mutating func failed(_ batch: Batch, reason: String, isTemporary: Bool) -> FailureAction {
        writing = (0, 0)
        health.problem = reason
        guard isTemporary, !isClosed else {
            health.queued -= batch.entries.count
            health.lost += batch.entries.count
            return .drop
        }
        pending.entries.insert(contentsOf: batch.entries, at: 0)
        pending.bytes += batch.bytes
        schedule = .later
        return .retry
    }

    /// From here on nothing is taken, and nothing tried again.
    mutating func close() {
        isClosed = true
    }

    private func refusal(of count: Int, bytes: Int) -> String? {
        if isClosed { return "the ledger is closed" }
        if count > 0, health.queued + count > queueMax {
            return "the queue holds \(health.queued) entries of at most \(queueMax)"
        }
        if bytes > 0, pending.bytes + writing.bytes + bytes > bytesMax {
            return "the queue holds \(pending.bytes + writing.bytes) bytes of at most \(bytesMax)"
        }
        return nil
    }

    private mutating func reschedule(_ wanted: Schedule) -> AppendAction {
        switch (schedule, wanted) {
        case (.now, _), (.later, .later), (_, .none): return .none
        case (_, .now):
            schedule = .now
            return .commitNow
        case (.none, .later):
            schedule = .later
            return .commitLater
        }
    }
}

extension JournalEntry {
    /// Payload that the entry keeps in memory.
    fileprivate var bytes: Int {
        switch self {
        case .session, .sessionEnded, .episode, .delivered: 0
        case .step(let row): row.observation.count + (row.action?.count ?? 0) + (row.state?.count ?? 0)
        case .outcome(let row): (row.components?.count ?? 0) + (row.metrics?.count ?? 0) + (row.labels?.count ?? 0)
        case .version(let row): row.tree.count
        }
    }
}
