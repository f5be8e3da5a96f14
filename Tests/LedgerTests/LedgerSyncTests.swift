import Dispatch
import Foundation
import RewardModel
import Testing

@testable import Ledger

@Suite("What is on disk")
struct LedgerSyncTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
    }

    @Test("A waiter is told of a log that cannot be synced; the row is committed all the same")
    func waiters() async throws {
        let ledger = try fixture.open()
        ledger.breakLog()
        let error = await #expect(throws: BridgeError.self) {
            try await ledger.synced([.outcome(LedgerFixture.outcomeRow(1, step: 1))])
        }
        #expect(error?.message == "could not sync '\(fixture.path)-wal': Invalid argument")
        #expect(ledger.health.problem == error?.message)
        #expect(ledger.health.lost == 0)
        #expect(try await ledger.reader.outcomes(of: LedgerFixture.session(1), episode: nil).count == 1)
        try await ledger.close()
    }

    @Test("After a sync that failed the log is not relied on: the next one is a checkpoint, which begins it anew")
    func afterFailure() async throws {
        let ledger = try fixture.open(window: .seconds(3_600))
        ledger.breakLog()
        await #expect(throws: BridgeError.self) {
            try await ledger.synced([.outcome(LedgerFixture.outcomeRow(1, step: 1))])
        }
        #expect(try logSize() > 0)
        try await ledger.synced([.outcome(LedgerFixture.outcomeRow(1, step: 2))])
        #expect(try logSize() == 0)
        try await ledger.close()
    }

    @Test("A flush is told too, of rows that nobody waited for when they were committed", .timeLimit(.minutes(1)))
    func earlierRows() async throws {
        let ledger = try fixture.open(window: .seconds(3_600))
        ledger.breakLog()
        ledger.record((1...1_000).map { .outcome(LedgerFixture.outcomeRow(1, step: $0)) })
        while ledger.health.committed == 0 { await Task.yield() }
        await #expect(throws: BridgeError.self) { try await ledger.synced([]) }
        try await ledger.close()
    }

    @Test("Rows that nobody waits for are synced when nothing more comes", .timeLimit(.minutes(1)))
    func idle() async throws {
        let ledger = try fixture.open(window: .milliseconds(1))
        ledger.breakLog()
        ledger.record([.outcome(LedgerFixture.outcomeRow(1, step: 1))])
        while ledger.health.problem == nil { await Task.yield() }
        #expect(ledger.health.problem?.hasPrefix("could not sync") == true)
        #expect(ledger.health.committed == 1)
        try await ledger.close()
    }

    @Test("While rows keep coming, a sync is due a second after the first that was not synced")
    func busy() throws {
        let ledger = try fixture.open()
        let log = ledger.log
        #expect(!log.isDue(isIdle: true))
        let begin = DispatchTime.now()
        log.fallBehind()
        #expect(!log.isDue(isIdle: false, at: begin))
        #expect(log.isDue(isIdle: true, at: begin))
        #expect(log.isDue(isIdle: false, at: .now() + .seconds(1)))
        try log.sync { Issue.record("a sound log needs no restart") }
        #expect(!log.isDue(isIdle: true))
    }

    private func logSize() throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: fixture.path + "-wal")
        return try #require(attributes[.size] as? Int)
    }
}
