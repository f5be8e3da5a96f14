import Foundation
import Glibc
import JSONBytes
import RewardModel
import Synchronization
import Testing

@testable import Ledger

@Suite("A bridge that is killed")
struct LedgerCrashTests {
    /// The child writes from two sides until it kills itself at a random moment: rows that somebody waits for, each
    /// noted in a file once it was acknowledged, and rows that nobody waits for.
    @Test("loses nothing that it acknowledged, and doubles nothing", arguments: 1...8)
    func kill(round: Int) async throws {
        let fixture = try LedgerFixture()
        let notes = fixture.folder + "/acknowledged"
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = fixture.path as String, notes = notes as String] in
            try await CrashingBridge(path: path, notes: notes).run(killAfter: Int.random(in: 1...400))
        }
        let acknowledged = try steps(in: notes)
        let ledger = try fixture.open()
        let rows = try await ledger.reader.outcomes(of: LedgerFixture.session(1), episode: 1).map(\.key.step)
        #expect(!acknowledged.isEmpty)
        #expect(Set(acknowledged).subtracting(rows) == [])
        #expect(Set(rows).count == rows.count)
        #expect(ledger.closedEpisodes == 1)

        // What was sent twice, because its acknowledgement got lost, is there once.
        try await ledger.synced(rows.map { .outcome(LedgerFixture.outcomeRow(1, step: $0)) })
        #expect(ledger.health.duplicates == rows.count)
        try await ledger.close()
    }

    private func steps(in notes: String) throws -> [Int] {
        let lines = try String(contentsOfFile: notes, encoding: .utf8).split(separator: "\n")
        return try lines.map { try #require(Int($0)) }
    }
}

private final class Counter: Sendable {
    let value = Atomic(0)
}

/// A bridge in a process of its own, as far as the ledger goes.
struct CrashingBridge {
    let path: String
    let notes: String

    func run(killAfter acknowledgements: Int) async throws {
        let configuration = LedgerConfiguration(
            path: path,
            window: .milliseconds(1),
            queueMax: 1_000_000,
            queueBytesMax: 1 << 28
        )
        let ledger = try Ledger(configuration, now: 1)
        let descriptor = Glibc.open(notes, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try await ledger.synced([.episode(LedgerFixture.episodeRow(1))])
        let count = Counter()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for step in 1_000_000... {
                    ledger.record([.outcome(LedgerFixture.outcomeRow(1, step: step))])
                    // On this thread, so that a commit may be under way.
                    if count.value.load(ordering: .relaxed) >= acknowledgements { Glibc.kill(getpid(), SIGKILL) }
                    await Task.yield()
                }
            }
            group.addTask {
                for step in 1... {
                    ledger.sync([.outcome(LedgerFixture.outcomeRow(1, step: step))]) { result in
                        guard case .success = result else { return }
                        let line = "\(step)\n"
                        write(descriptor, line, line.utf8.count)
                        count.value.add(1, ordering: .relaxed)
                    }
                    await Task.yield()
                }
            }
        }
    }
}
