import Foundation
import JSONBytes
import RewardModel
import Testing

@testable import Ledger

/// A folder for a test's ledgers, removed with the value, and rows to fill them with.
final class LedgerFixture {
    let folder: String
    var path: String { folder + "/state/ledger.sqlite" }

    static let version = RubricVersion(digest: String(repeating: "ab", count: 32))

    init() throws {
        folder = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    func configuration(
        window: Duration = .milliseconds(20),
        queueMax: Int = 100_000,
        queueBytesMax: Int = 1 << 28
    ) -> LedgerConfiguration {
        LedgerConfiguration(path: path, window: window, queueMax: queueMax, queueBytesMax: queueBytesMax)
    }

    func open(window: Duration = .milliseconds(20), queueMax: Int = 100_000) throws -> Ledger {
        try Ledger(configuration(window: window, queueMax: queueMax), now: 1_000)
    }

    static func session(_ number: UInt64) -> SessionID {
        SessionID(high: 0x0193_0000_0000_7000, low: 0x8000_0000_0000_0000 | number)
    }

    static func sessionRow(_ number: UInt64) -> SessionRow {
        SessionRow(session: session(number), environment: "wordle", startedAt: 10)
    }

    static func episodeRow(_ number: UInt64, episode: Int = 1) -> EpisodeRow {
        EpisodeRow(
            key: EpisodeKey(session: session(number), number: episode),
            environment: "wordle",
            version: version,
            startedAt: 20
        )
    }

    static func outcomeRow(_ number: UInt64, step: Int, _ outcome: Outcome = .scored(0.5)) -> OutcomeRow {
        OutcomeRow(
            key: OutcomeKey(session: session(number), episode: 1, unit: .step, step: step, version: version),
            environment: "wordle",
            rubric: "math",
            outcome: outcome,
            createdAt: 30
        )
    }
}

extension Ledger {
    /// Waits until the entries are on disk.
    func synced(_ entries: [JournalEntry]) async throws {
        try await withCheckedThrowingContinuation { continuation in
            sync(entries) { continuation.resume(with: $0) }
        }
    }
}
