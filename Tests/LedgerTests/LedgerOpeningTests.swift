import Foundation
import GRDB
import JSONBytes
import RewardModel
import Testing

@testable import Ledger

@Suite("Opening a ledger")
struct LedgerOpeningTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
    }

    @Test("A second bridge is refused with the first one's process id, and let in when that has closed")
    func twoWriters() async throws {
        let first = try fixture.open()
        let error = #expect(throws: BridgeError.self) { try fixture.open() }
        #expect(error?.code == .storage)
        #expect(error?.message == "could not lock ledger '\(fixture.path)': process \(getpid()) uses it")
        #expect(error?.hint?.contains("ledger.path") == true)
        try await first.close()
        try await fixture.open().close()
    }

    @Test("Episodes that a dead bridge left open are closed, others are not touched")
    func leftOpen() async throws {
        let ledger = try fixture.open()
        #expect(ledger.closedEpisodes == 0)
        let open = LedgerFixture.episodeRow(1)
        var done = LedgerFixture.episodeRow(1, episode: 2)
        done.end = .done
        done.endedAt = 30
        try await ledger.synced([.session(LedgerFixture.sessionRow(1)), .episode(open), .episode(done)])
        try await ledger.close()

        let second = try fixture.open()
        #expect(second.closedEpisodes == 1)
        var closed = open
        closed.end = .bridgeRestart
        closed.endedAt = 1_000
        closed.usable = false
        #expect(try await second.reader.episodes(of: open.key.session) == [closed, done])
        #expect(try await second.reader.session(open.key.session)?.row.endedAt == 1_000)
        try await second.close()
    }

    @Test("A reader sees each commit while a bridge writes, without its lock")
    func readWhileWriting() async throws {
        let ledger = try fixture.open()
        let reader = try LedgerReader(path: fixture.path)
        for step in 1...50 {
            try await ledger.synced([.outcome(LedgerFixture.outcomeRow(1, step: step))])
            #expect(try await reader.outcomes(of: LedgerFixture.session(1), episode: nil).count == step)
        }
        try await ledger.close()
        #expect(
            try await LedgerReader(path: fixture.path).outcomes(of: LedgerFixture.session(1), episode: 1).count == 50
        )
    }

    @Test("A reader makes no file where there is none")
    func nothingToRead() throws {
        let error = #expect(throws: BridgeError.self) { try LedgerReader(path: fixture.path) }
        #expect(error?.code == .storage)
        #expect(!FileManager.default.fileExists(atPath: fixture.path))
    }

    @Test("A file that is no database is refused and left as it is")
    func noDatabase() throws {
        try FileManager.default.createDirectory(atPath: fixture.folder + "/state", withIntermediateDirectories: true)
        let text = String(repeating: "not a database ", count: 1_000)
        try text.write(toFile: fixture.path, atomically: true, encoding: .utf8)
        let error = #expect(throws: BridgeError.self) { try fixture.open() }
        #expect(error?.message == "could not open ledger '\(fixture.path)': file is not a database")
        #expect(error?.hint?.contains("move the file") == true)
        #expect(try String(contentsOfFile: fixture.path, encoding: .utf8) == text)
    }

    @Test("Damaged pages are found at the start, not in the middle of a run")
    func damaged() async throws {
        let ledger = try fixture.open()
        try await ledger.synced((1...2_000).map { .outcome(LedgerFixture.outcomeRow(1, step: $0)) })
        try await ledger.close()
        let file = try #require(FileHandle(forUpdatingAtPath: fixture.path))
        let middle = try file.seekToEnd() / 2 & ~4095
        try file.seek(toOffset: middle)
        try file.write(contentsOf: Data(repeating: 0xFF, count: 4096))
        try file.close()
        let error = #expect(throws: BridgeError.self) { try fixture.open() }
        #expect(error?.code == .storage)
        #expect(error?.hint?.contains("move the file") == true)
    }

    @Test("A ledger of a newer rewardbridge is refused")
    func newer() async throws {
        try await fixture.open().close()
        let queue = try DatabaseQueue(path: fixture.path)
        try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
        try queue.close()
        for open in [{ _ = try fixture.open() }, { _ = try LedgerReader(path: fixture.path) }] {
            let error = #expect(throws: BridgeError.self) { try open() }
            #expect(error?.message.hasSuffix("its tables are of a newer version") == true)
        }
    }

    @Test("A folder that cannot be made is named, with the setting that mends it")
    func noFolder() throws {
        try "file".write(toFile: fixture.folder + "/state", atomically: true, encoding: .utf8)
        let error = #expect(throws: BridgeError.self) { try fixture.open() }
        #expect(error?.code == .storage)
        #expect(error?.hint?.contains("state") == true)
    }
}
