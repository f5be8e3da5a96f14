import Dispatch
import Foundation
import GRDB
import Glibc
package import RewardModel
import Synchronization

/// The durable record of outcomes: a SQLite file with one writer and any number of readers.
///
/// Entries gather in a bounded queue and are committed together, at the latest `window` after the first, at once when
/// somebody waits for them; what gathers during a commit goes into the next one. A commit is synced to disk
/// (WAL, `synchronous = FULL`) before waiters are told.
package final class Ledger: OutcomeJournal {
    let pool: DatabasePool
    private let configuration: LedgerConfiguration
    private let lock: Mutex<FileLock?>
    private let buffer: Mutex<JournalBuffer>
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
        try Self.makeFolder(of: configuration.path)
        let lock = try FileLock(
            configuration.path + ".lock",
            for: "ledger '\(configuration.path)'",
            hint: "stop the other bridge, or set ledger.path or state to another place"
        )
        Self.makePrivateFile(configuration.path)
        pool = try LedgerDatabase.open(path: configuration.path)
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

    /// Gold answers may be in it: nobody else reads it. SQLite gives its other files the mode of the first; what goes wrong
    /// here goes wrong again, with words, when it opens the file.
    private static func makePrivateFile(_ path: String) {
        let descriptor = Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
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
            queue.async { continuation.resume(returning: self.commit()) }
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
        case .commitLater:
            queue.asyncAfter(deadline: .now() + DispatchTimeInterval(configuration.window)) { self.commit() }
        case .commitNow: queue.async { self.commit() }
        case .refuse(let reason):
            waiter?(.failure(BridgeError(.storage, "could not write to ledger '\(configuration.path)': \(reason)")))
        }
    }

    /// On ``queue``.
    @discardableResult
    private func commit() -> BridgeError? {
        let batch = buffer.withLock { $0.take() }
        guard !batch.isEmpty else { return nil }
        do {
            let duplicates = try batch.entries.isEmpty ? 0 : pool.write { try $0.write(batch.entries) }
            buffer.withLock { $0.committed(batch, duplicates: duplicates) }
            for waiter in batch.waiters { waiter(.success(())) }
            return nil
        } catch {
            return fail(batch, error)
        }
    }

    private func fail(_ batch: JournalBuffer.Batch, _ error: any Error) -> BridgeError {
        let cause = error as? DatabaseError ?? DatabaseError(message: "\(error)")
        let failure = LedgerDatabase.error("write to", path: configuration.path, cause)
        let action = buffer.withLock {
            $0.failed(batch, reason: failure.message, isTemporary: cause.isTemporary)
        }
        if action == .retry { queue.asyncAfter(deadline: .now() + Self.retryPause) { self.commit() } }
        for waiter in batch.waiters { waiter(.failure(failure)) }
        return failure
    }

    private static func makeFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw BridgeError(
                .storage,
                "could not make folder '\(folder)' for the ledger: \(error.localizedDescription)",
                hint: "set ledger.path or state to a place that can be written",
                cause: error
            )
        }
    }
}

extension Database {
    /// - Returns: how many outcomes were there before.
    fileprivate func write(_ entries: [JournalEntry]) throws -> Int {
        var writer = LedgerWriter(self)
        for entry in entries { try writer.write(entry) }
        return writer.duplicates
    }

    fileprivate func closeOpenEpisodes(now: Int64) throws -> Int {
        try execute(sql: "UPDATE session SET ended_at = ? WHERE ended_at IS NULL", arguments: [now])
        try execute(
            sql: "UPDATE episode SET ended_by = ?, ended_at = ?, usable = 0 WHERE ended_by IS NULL",
            arguments: [EpisodeEnd.bridgeRestart.rawValue, now]
        )
        return changesCount
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
