import Foundation
import JSONBytes
import RewardModel
import Synchronization
import Testing

@testable import Ledger

@Suite("Commits")
struct LedgerCommitTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
    }

    @Test("Recorded entries appear without anybody waiting for them", .timeLimit(.minutes(1)))
    func window() async throws {
        let ledger = try fixture.open(window: .milliseconds(1))
        ledger.record([.outcome(LedgerFixture.outcomeRow(1, step: 1))])
        while ledger.health.committed == 0 { await Task.yield() }
        #expect(try await ledger.reader.outcomes(of: LedgerFixture.session(1), episode: 1).count == 1)
        try await ledger.close()
    }

    @Test("A waiter takes earlier entries along, and does not wait for the window", .timeLimit(.minutes(1)))
    func waiterEndsWindow() async throws {
        let ledger = try fixture.open(window: .seconds(3_600))
        ledger.record([.outcome(LedgerFixture.outcomeRow(1, step: 1))])
        try await ledger.synced([.outcome(LedgerFixture.outcomeRow(1, step: 2))])
        #expect(ledger.health.committed == 2)
        ledger.record([.outcome(LedgerFixture.outcomeRow(1, step: 3))])
        await ledger.flush()
        #expect(try await ledger.reader.outcomes(of: LedgerFixture.session(1), episode: 1).count == 3)
        try await ledger.close()
    }

    @Test("A close commits what waits; afterwards entries are refused", .timeLimit(.minutes(1)))
    func close() async throws {
        let ledger = try fixture.open(window: .seconds(3_600))
        ledger.record((1...10).map { .outcome(LedgerFixture.outcomeRow(1, step: $0)) })
        try await ledger.close()
        let error = await #expect(throws: BridgeError.self) {
            try await ledger.synced([.outcome(LedgerFixture.outcomeRow(1, step: 11))])
        }
        #expect(error?.message.hasSuffix("the ledger is closed") == true)
        ledger.record([.outcome(LedgerFixture.outcomeRow(1, step: 12))])
        await ledger.flush()
        #expect(ledger.health.lost == 2)
        #expect(
            try await LedgerReader(path: fixture.path).outcomes(of: LedgerFixture.session(1), episode: 1).count == 10
        )
    }

    @Test("Many threads that sync at once are all told, once each, and share commits", .timeLimit(.minutes(2)))
    func manyWriters() async throws {
        let ledger = try fixture.open()
        let writers = 32
        let each = 50
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for step in 1...each {
                        try await ledger.synced([.outcome(LedgerFixture.outcomeRow(UInt64(writer), step: step))])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(ledger.health.committed == writers * each)
        #expect(ledger.health.queued == 0)
        let sessions = try await ledger.reader.outcomes(of: LedgerFixture.session(31), episode: 1)
        #expect(sessions.map(\.key.step) == Array(1...each))
        try await ledger.close()
    }

    @Test(
        "A disk that takes nothing fails the waiter; the entries are written when it takes them again",
        .timeLimit(.minutes(1))
    )
    func recovery() async throws {
        let ledger = try fixture.open()
        try await ledger.setReadOnly(true)
        let error = await #expect(throws: BridgeError.self) {
            try await ledger.synced([.outcome(LedgerFixture.outcomeRow(1, step: 1))])
        }
        #expect(error?.code == .storage)
        #expect(ledger.health.problem != nil)
        #expect(ledger.health.queued == 1)
        try await ledger.setReadOnly(false)
        await ledger.flush()
        #expect(ledger.health.queued == 0)
        #expect(ledger.health.lost == 0)
        #expect(ledger.health.problem == nil)
        #expect(try await ledger.reader.outcomes(of: LedgerFixture.session(1), episode: 1).count == 1)
        try await ledger.close()
    }
}
