import Foundation
import GRDB
import JSONBytes
import RewardModel
import Testing

@testable import Ledger

@Suite("The ledger")
struct LedgerTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
    }

    @Test("Every row comes back as it went in")
    func roundTrip() async throws {
        let ledger = try fixture.open()
        var session = LedgerFixture.sessionRow(1)
        session.name = "run 7"
        session.upstreamSession = "up-1"
        session.endedAt = 99
        var episode = LedgerFixture.episodeRow(1)
        episode.episodeID = "ep'; --"
        episode.name = "é\u{1F600}"
        episode.endedAt = 90
        episode.end = .truncated
        episode.steps = 2
        episode.score = .failed(.timeout, message: "5 s")
        episode.undelivered = true
        let step = StepRow(
            episode: episode.key,
            step: 1,
            action: RawJSON(#"{"message":"\ud83d","n":NaN}"#),
            observation: RawJSON(text: "{\"text\":\"\u{1F600}\"}"),
            reward: RawJSON("1e400"),
            done: true,
            state: RawJSON("null")
        )
        var full = LedgerFixture.outcomeRow(1, step: 1, .scored(0.1 + 0.2))
        full.environmentReward = RawJSON("1.0")
        full.delivery = .inline
        full.delivered = RawJSON("0.30000000000000004")
        full.weight = -1.5
        full.components = RawJSON(#"[{"path":"a"}]"#)
        full.metrics = RawJSON(#"{"n":1}"#)
        full.labels = RawJSON(#"{"verdict":"met"}"#)
        full.usable = false
        full.mutable = true
        full.runTime = .microseconds(41)
        full.waitTime = .milliseconds(3)
        full.source = "import"
        let unscored = LedgerFixture.outcomeRow(1, step: 2, .unscored(.abstained))
        let version = VersionRow(
            version: LedgerFixture.version,
            rubric: "math",
            tree: RawJSON(#"{"component":"python:a.py:f"}"#),
            createdAt: 5
        )
        try await ledger.synced([
            .version(version), .session(session), .episode(episode), .step(step), .outcome(full), .outcome(unscored),
        ])
        let reader = ledger.reader
        let id = session.session
        #expect(
            try await reader.session(id)
                == SessionSummary(row: session, episodes: 1, scored: 1, unscored: 1, failed: 0)
        )
        #expect(try await reader.episodes(of: id) == [episode])
        #expect(try await reader.steps(of: episode.key) == [step])
        #expect(try await reader.outcomes(of: id, episode: nil) == [full, unscored])
        #expect(try await reader.outcomes(of: id, episode: 2) == [])
        #expect(try await reader.session(LedgerFixture.session(2)) == nil)
        try await ledger.close()
    }

    @Test("Every kind of outcome survives the database")
    func kinds() async throws {
        let ledger = try fixture.open()
        let outcomes = OutcomeKind.allCases.map { kind in
            kind.status == .failed ? Outcome.failed(kind, message: "why") : .unscored(kind, detail: "why")
        }
        let rows = outcomes.enumerated().map { LedgerFixture.outcomeRow(1, step: $0 + 1, $1) }
        try await ledger.synced(rows.map { .outcome($0) })
        #expect(try await ledger.reader.outcomes(of: LedgerFixture.session(1), episode: 1) == rows)
        try await ledger.close()
    }

    @Test("The first outcome of a key stands; others are counted, and only fill in the delivery")
    func firstStands() async throws {
        let ledger = try fixture.open()
        let first = LedgerFixture.outcomeRow(1, step: 1, .scored(0.5))
        var second = LedgerFixture.outcomeRow(1, step: 1, .failed(.timeout))
        second.delivery = .api
        second.delivered = RawJSON("0.5")
        var third = second
        third.delivery = .inline
        try await ledger.synced([.outcome(first), .outcome(first), .outcome(second)])
        try await ledger.synced([.outcome(third), .delivered(first.key, .inline, reward: RawJSON("9"))])
        var expected = first
        expected.delivery = .api
        expected.delivered = RawJSON("0.5")
        #expect(try await ledger.reader.outcomes(of: first.key.session, episode: nil) == [expected])
        #expect(ledger.health.duplicates == 3)
        try await ledger.close()
    }

    @Test("Each part of the key makes another row")
    func keys() async throws {
        let ledger = try fixture.open()
        let base = LedgerFixture.outcomeRow(1, step: 1)
        var rows = [base]
        rows.append(base)
        rows[1].key.episode = 2
        rows.append(base)
        rows[2].key.unit = .episode
        rows.append(base)
        rows[3].key.step = 0
        rows.append(base)
        rows[4].key.version = RubricVersion(digest: "cd")
        rows.append(base)
        rows[5].key.component = "format"
        rows.append(base)
        rows[6].key.kind = .shadow
        rows.append(base)
        rows[7].key.session = LedgerFixture.session(2)
        try await ledger.synced(rows.map { .outcome($0) })
        #expect(ledger.health.duplicates == 0)
        #expect(try await ledger.reader.outcomes(of: LedgerFixture.session(1), episode: nil).count == 7)
        #expect(try await ledger.reader.outcomes(of: LedgerFixture.session(2), episode: nil).count == 1)
        try await ledger.close()
    }

    @Test("A session recorded again fills in what was not known, and keeps what was")
    func sessionGrows() async throws {
        let ledger = try fixture.open()
        var row = LedgerFixture.sessionRow(1)
        row.name = "first"
        var again = row
        again.name = "second"
        again.upstreamSession = "up"
        again.startedAt = 999
        try await ledger.synced([.session(row), .session(again), .sessionEnded(row.session, at: 50)])
        try await ledger.synced([.sessionEnded(row.session, at: 60)])
        row.upstreamSession = "up"
        row.endedAt = 50
        #expect(try await ledger.reader.session(row.session)?.row == row)
        try await ledger.close()
    }

    @Test("Sessions are found by what clients know, newest first, page by page")
    func sessionQueries() async throws {
        let ledger = try fixture.open()
        var entries: [JournalEntry] = []
        for number in UInt64(1)...5 {
            var row = LedgerFixture.sessionRow(number)
            row.name = number <= 2 ? "early" : nil
            row.upstreamSession = "up-\(number)"
            row.environment = number == 5 ? "echo" : "wordle"
            var episode = LedgerFixture.episodeRow(number)
            episode.episodeID = number.isMultiple(of: 2) ? "even" : "odd"
            episode.name = number == 4 ? "early" : nil
            entries += [.session(row), .episode(episode)]
        }
        try await ledger.synced(entries)
        func found(_ query: SessionQuery) async throws -> [SessionID] {
            try await ledger.reader.sessions(query).map(\.row.session)
        }
        func ids(_ numbers: UInt64...) -> [SessionID] { numbers.map(LedgerFixture.session) }
        #expect(try await found(SessionQuery()) == ids(5, 4, 3, 2, 1))
        #expect(try await found(SessionQuery(limit: 2, offset: 1)) == ids(4, 3))
        #expect(try await found(SessionQuery(name: "early")) == ids(4, 2, 1))
        #expect(try await found(SessionQuery(episodeID: "even")) == ids(4, 2))
        #expect(try await found(SessionQuery(upstreamSession: "up-3")) == ids(3))
        #expect(try await found(SessionQuery(environment: "wordle", episodeID: "odd")) == ids(3, 1))
        #expect(try await found(SessionQuery(name: "nobody")) == [])
        try await ledger.close()
    }

    @Test("An episode that may not be trained on takes its steps with it")
    func unusableEpisode() async throws {
        let ledger = try fixture.open()
        var episode = LedgerFixture.episodeRow(1)
        try await ledger.synced([.episode(episode), .outcome(LedgerFixture.outcomeRow(1, step: 1))])
        #expect(try await ledger.reader.outcomes(of: episode.key.session, episode: 1).map(\.usable) == [true])
        episode.end = .disconnect
        episode.usable = false
        try await ledger.synced([.episode(episode)])
        #expect(try await ledger.reader.outcomes(of: episode.key.session, episode: 1).map(\.usable) == [false])
        try await ledger.close()
    }

    @Test("An outcome is a repeat of one that was recorded before the bridge was started again")
    func repeatAfterRestart() async throws {
        let row = LedgerFixture.outcomeRow(1, step: 1)
        for duplicates in 0...1 {
            let ledger = try fixture.open()
            try await ledger.synced([.outcome(row)])
            #expect(ledger.health.duplicates == duplicates)
            #expect(try await ledger.reader.outcomes(of: row.key.session, episode: nil) == [row])
            try await ledger.close()
        }
    }

    @Test("A number that was given in a transaction which failed is not used again")
    func numbersAfterFailure() async throws {
        let ledger = try fixture.open()
        let first = LedgerFixture.outcomeRow(1, step: 1)
        let second = LedgerFixture.outcomeRow(2, step: 1)
        try await ledger.setRefusing(true)
        await #expect(throws: BridgeError.self) { try await ledger.synced([.outcome(first)]) }
        #expect(ledger.health.lost == 1)
        try await ledger.setRefusing(false)
        try await ledger.synced([.outcome(second)])
        try await ledger.synced([.outcome(first)])
        #expect(try await ledger.reader.outcomes(of: first.key.session, episode: nil) == [first])
        #expect(try await ledger.reader.outcomes(of: second.key.session, episode: nil) == [second])
        try await ledger.close()
    }

    @Test("Texts are kept whole, however long, and whatever they hold")
    func texts() async throws {
        let ledger = try fixture.open()
        var rows: [OutcomeRow] = []
        for (step, count) in [0, 1, 15, 16, 4_000, 4_096, 4_097, 100_000].enumerated() {
            let text = String(repeating: "é", count: count / 2) + String(repeating: "x", count: count % 2)
            var row = LedgerFixture.outcomeRow(1, step: step + 1, .failed(.exception, message: text))
            row.components = RawJSON(text: "[\"\(text)\"]")
            row.labels = RawJSON(text: "{\"\(text)\":1}")
            rows.append(row)
        }
        try await ledger.synced(rows.map { .outcome($0) })
        #expect(try await ledger.reader.outcomes(of: LedgerFixture.session(1), episode: nil) == rows)
        try await ledger.close()
    }

    @Test("Commits outlive the process, in a write-ahead log; WriteAheadLog syncs them")
    func pragmas() async throws {
        let ledger = try fixture.open()
        let settings = try await ledger.pragmas()
        #expect(settings == ["wal", "1"])
        try await ledger.close()
    }
}
