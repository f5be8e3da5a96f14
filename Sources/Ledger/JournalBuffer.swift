import JSONBytes
import RewardModel

/// The entries that wait to be written, and who waits for them: decides when to commit, and does nothing itself.
struct JournalBuffer {
    typealias Waiter = @Sendable (Result<Void, BridgeError>) -> Void

    /// What is written in one transaction.
    struct Batch {
        /// The arrays in which they were given: none is copied.
        fileprivate(set) var entries: [[JournalEntry]] = []
        fileprivate(set) var waiters: [Waiter] = []
        fileprivate(set) var count = 0
        fileprivate var bytes = 0

        var isEmpty: Bool { entries.isEmpty && waiters.isEmpty }

        fileprivate mutating func append(_ group: [JournalEntry], bytes: Int) {
            guard !group.isEmpty else { return }
            entries.append(group)
            count += group.count
            self.bytes += bytes
        }
    }

    enum AppendAction: Equatable {
        case none
        /// Commit when the window has passed.
        case commitLater
        case commitNow
        /// The entries do not fit; they are lost, and the waiter must be told.
        case refuse(reason: String)
    }

    /// When to commit again, after a commit.
    enum NextCommit: Equatable {
        /// It is arranged, or nothing waits.
        case none
        /// When the window has passed since the last batch was taken.
        case afterWindow
        /// After a pause: the batch's entries are at the front again.
        case afterPause
    }

    /// So many entries are committed before their window ends: larger transactions are hardly faster.
    private static let commitAt = 1_000

    private(set) var health = JournalHealth()
    private let queueMax: Int
    private let bytesMax: Int
    private var pending = Batch()
    /// A commit will come by itself, at the latest when the window of the oldest entry ends.
    private var isTimed = false
    /// A commit was asked for at once.
    private var isUrgent = false
    /// Bytes of the batch that is being written.
    private var writing = 0
    private var isWriting = false
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
        pending.append(entries, bytes: bytes)
        health.queued += entries.count
        if let waiter { pending.waiters.append(waiter) }
        if waiter != nil || pending.count >= Self.commitAt { return hurry() }
        if entries.isEmpty || isWriting { return .none }
        return arrange() == .none ? .none : .commitLater
    }

    /// The batch to write; another one may gather meanwhile, but must not be taken.
    ///
    /// - Parameter timed: whether the commit is the one that comes by itself.
    mutating func take(timed: Bool) -> Batch {
        if timed { isTimed = false } else { isUrgent = false }
        guard !pending.isEmpty else { return Batch() }
        let batch = pending
        pending = Batch()
        writing = batch.bytes
        isWriting = batch.count > 0
        return batch
    }

    /// Arranges the next commit, needed or not: under load an entry then wakes nobody.
    mutating func committed(_ batch: Batch, duplicates: Int) -> NextCommit {
        health.queued -= batch.count
        health.committed += batch.count
        health.duplicates += duplicates
        if health.lost == 0 { health.problem = nil }
        finishWriting()
        return arrange()
    }

    /// - Parameter isTemporary: whether the same entries may be written later, as with a full disk.
    mutating func failed(_ batch: Batch, reason: String, isTemporary: Bool) -> NextCommit {
        finishWriting()
        health.problem = reason
        guard isTemporary, !isClosed else {
            health.queued -= batch.count
            health.lost += batch.count
            return arrange()
        }
        pending.entries.insert(contentsOf: batch.entries, at: 0)
        pending.count += batch.count
        pending.bytes += batch.bytes
        return arrange() == .none ? .none : .afterPause
    }

    /// Entries are written and not synced.
    mutating func syncFailed(reason: String) {
        health.problem = reason
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
        if bytes > 0, pending.bytes + writing + bytes > bytesMax {
            return "the queue holds \(pending.bytes + writing) bytes of at most \(bytesMax)"
        }
        return nil
    }

    private mutating func finishWriting() {
        writing = 0
        isWriting = false
    }

    /// There is at most one timer, or each commit would set another.
    private mutating func arrange() -> NextCommit {
        guard !isTimed, !isClosed else { return .none }
        isTimed = true
        return .afterWindow
    }

    private mutating func hurry() -> AppendAction {
        guard !isUrgent else { return .none }
        isUrgent = true
        return .commitNow
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
