import Dispatch
import GRDB
package import RewardModel
import Synchronization

/// The durable record of outcomes: a SQLite file with one writer and any number of readers.
///
/// Entries gather in a bounded queue and are committed together, at the latest `window` after the first, at once when
/// somebody waits for them; what gathers during a commit goes into the next one. A commit outlives the process. It is
/// synced to disk before waiters are told; when nobody waits, as soon as nothing more comes, and within about a second.
package final class Ledger: OutcomeJournal {
    let pool: DatabasePool
    private let configuration: LedgerConfiguration
    private let lock: Mutex<FileLock?>
    private let buffer: Mutex<JournalBuffer>
    private let numbers = Mutex(LedgerNumbers())
    let log: WriteAheadLog
    /// Commits run here and nowhere else, one after the other.
    private let queue = DispatchQueue(label: "rewardbridge.ledger")

    private static let retryPause = DispatchTimeInterval.seconds(1)

    /// Episodes that another process left open, when this one opened the ledger.
    package let closedEpisodes: Int

    /// Opens the ledger for writing, and makes it if need be. Episodes that are open in it belong to a bridge that is
    /// gone: they are closed as `bridge_restart`.
    ///
    /// - Parameter now: milliseconds since 1970-01-01T00:00Z.
    /// - Throws: ``BridgeError`` (`.storage`) when another process has it open, or when it is damaged.
    package init(_ configuration: LedgerConfiguration, now: Int64) throws {
        self.configuration = configuration
        try LedgerFiles.makeFolder(of: configuration.path)
        let lock = try FileLock(
            configuration.path + ".lock",
            for: "ledger '\(configuration.path)'",
            hint: "stop the other bridge, or set ledger.path or state to another place"
        )
        LedgerFiles.makePrivate(configuration.path)
        pool = try LedgerDatabase.open(path: configuration.path)
        log = try WriteAheadLog(of: configuration.path)
        self.lock = Mutex(lock)
        buffer = Mutex(
            JournalBuffer(queueMax: configuration.queueMax, bytesMax: configuration.queueBytesMax)
        )
        do {
            closedEpisodes = try pool.write { try $0.closeOpenEpisodes(now: now) }
        } catch let error as DatabaseError {
            throw LedgerDatabase.error("open", path: configuration.path, error)
        }
    }

    package var reader: LedgerReader { LedgerReader(pool) }

    package var health: JournalHealth { buffer.withLock { $0.health } }

    package func record(_ entries: [JournalEntry]) {
        append(entries, waiter: nil)
    }

    package func sync(_ entries: [JournalEntry], then: @escaping @Sendable (Result<Void, BridgeError>) -> Void) {
        append(entries, waiter: then)
    }

    package func flush() async {
        await withCheckedContinuation { continuation in
            append([]) { _ in continuation.resume() }
        }
    }

    /// Commits what was given before, and lets go of the file. Whatever is given afterwards is lost, and counted so.
    ///
    /// - Throws: ``BridgeError`` (`.storage`) when the last entries were not written.
    package func close() async throws {
        buffer.withLock { $0.close() }
        let failure = await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: self.commit() ?? self.sync([])) }
        }
        defer { lock.withLock { $0 = nil } }
        // GRDB closes the readers last, and those cannot fold the log into the file. Neither can we while somebody else
        // reads; then the log stays, and is read at the next start.
        _ = try? await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }
        do {
            try pool.close()
        } catch let error as DatabaseError {
            throw LedgerDatabase.error("close", path: configuration.path, error)
        }
        if let failure { throw failure }
    }

    private func append(_ entries: [JournalEntry], waiter: JournalBuffer.Waiter?) {
        switch buffer.withLock({ $0.append(entries, waiter: waiter) }) {
        case .none: break
        case .commitLater: commit(at: .now() + DispatchTimeInterval(configuration.window))
        case .commitNow: queue.async { self.commit() }
        case .refuse(let reason):
            waiter?(.failure(BridgeError(.storage, "could not write to ledger '\(configuration.path)': \(reason)")))
        }
    }

    private func commit(at time: DispatchTime) {
        queue.asyncAfter(deadline: time) { self.commit(timed: true) }
    }

    /// On ``queue``.
    ///
    /// - Parameter timed: whether it comes by itself, and was not asked for at once.
    @discardableResult
    private func commit(timed: Bool = false) -> BridgeError? {
        let begin = DispatchTime.now()
        let batch = buffer.withLock { $0.take(timed: timed) }
        do {
            if batch.count > 0 { try write(batch, since: begin) }
        } catch {
            return fail(batch, error)
        }
        return log.isDue(isIdle: batch.isEmpty) || !batch.waiters.isEmpty ? sync(batch.waiters) : nil
    }

    private func write(_ batch: JournalBuffer.Batch, since begin: DispatchTime) throws {
        let duplicates = try numbers.withLock { numbers in
            do {
                return try pool.writeWithoutTransaction { try $0.write(batch.entries, numbers) }
            } catch {
                numbers.forget()
                throw error
            }
        }
        log.fallBehind()
        commitAgain(buffer.withLock { $0.committed(batch, duplicates: duplicates) }, since: begin)
    }

    private func commitAgain(_ next: JournalBuffer.NextCommit, since begin: DispatchTime) {
        switch next {
        case .none: break
        case .afterWindow: commit(at: begin + DispatchTimeInterval(configuration.window))
        case .afterPause: commit(at: .now() + Self.retryPause)
        }
    }

    /// Syncs what is committed, and tells the waiters how that went.
    private func sync(_ waiters: [JournalBuffer.Waiter]) -> BridgeError? {
        do {
            try log.sync { try pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
            for waiter in waiters { waiter(.success(())) }
            return nil
        } catch {
            let failure = storageError("sync", error)
            buffer.withLock { $0.syncFailed(reason: failure.message) }
            for waiter in waiters { waiter(.failure(failure)) }
            return failure
        }
    }

    private func fail(_ batch: JournalBuffer.Batch, _ error: any Error) -> BridgeError {
        let failure = storageError("write to", error)
        let isTemporary = (error as? DatabaseError)?.isTemporary ?? false
        let next = buffer.withLock { $0.failed(batch, reason: failure.message, isTemporary: isTemporary) }
        commitAgain(next, since: .now())
        for waiter in batch.waiters { waiter(.failure(failure)) }
        return failure
    }

    private func storageError(_ verb: String, _ error: any Error) -> BridgeError {
        if let error = error as? BridgeError { return error }
        let cause = error as? DatabaseError ?? DatabaseError(message: "\(error)")
        return LedgerDatabase.error(verb, path: configuration.path, cause)
    }
}

extension DatabaseError {
    /// Whether the same write may succeed later.
    fileprivate var isTemporary: Bool {
        switch resultCode {
        case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_CANTOPEN, .SQLITE_READONLY,
            .SQLITE_NOMEM:
            true
        default: false
        }
    }
}

extension DispatchTimeInterval {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(Int(seconds * 1_000_000_000 + attoseconds / 1_000_000_000))
    }
}
