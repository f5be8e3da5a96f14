import Foundation
import JSONBytes
import RewardModel
import Testing

@testable import Ledger

@Suite("Export")
struct LedgerExportTests {
    let fixture: LedgerFixture

    init() throws {
        fixture = try LedgerFixture()
    }

    @Test("An episode that was kept in full becomes a record with its steps as they were")
    func record() async throws {
        let ledger = try fixture.open()
        var episode = LedgerFixture.episodeRow(1)
        episode.end = .done
        episode.endedAt = 40
        episode.steps = 1
        let reset = StepRow(
            episode: episode.key,
            step: 0,
            action: RawJSON(#"{"seed":7}"#),
            observation: RawJSON(#"{"q": "1+1"}"#)
        )
        let step = StepRow(
            episode: episode.key,
            step: 1,
            action: RawJSON(#"{"message":"2"}"#),
            observation: RawJSON("{}"),
            reward: RawJSON("0"),
            done: true
        )
        var outcome = LedgerFixture.outcomeRow(1, step: 1, .scored(1))
        outcome.environmentReward = RawJSON("0")
        outcome.components = RawJSON(#"[{"path":"a","kind":"metric","value":1.0}]"#)
        outcome.runTime = .milliseconds(2)
        outcome.delivery = .inline
        outcome.delivered = RawJSON("1.0")
        let failed = LedgerFixture.outcomeRow(1, step: 2, .failed(.exception, message: "ValueError: \"x\""))
        try await ledger.synced([
            .episode(episode), .step(reset), .step(step), .outcome(outcome), .outcome(failed),
        ])
        let records = try await export(ledger)
        let session = LedgerFixture.session(1)
        let scorer = #"{"name":"math","spec_hash":"\#(LedgerFixture.version.digest)"}"#
        let head = #""record_id":"\#(session)/1","scorer":\#(scorer)"#
        let recorded = #""component":"","kind":"live","mutable":false"#
        #expect(
            records == [
                #"{"schema":"evalrec/1","id":"\#(session)/1","task":{"env":"wordle"},"reward_semantics":"unknown","#
                    + #""steps":[{"index":0,"action":null,"observation":{"q": "1+1"},"#
                    + #""done":false,"info":{"reset_request":{"seed":7}}},"#
                    + #"{"index":1,"action":{"message":"2"},"observation":{},"reward":0,"done":true}],"#
                    + #""finish":{"reason":"done","completed":true,"truncated":false},"#
                    + #""prior_scores":[{\#(head),"status":"scored","reward":1.0,"usable":true,"#
                    + #""components":[{"path":"a","kind":"metric","value":1.0}],"timing":{"run_s":0.002},"#
                    + #""recorded":{"unit":"step","step":1,\#(recorded),"environment_reward":0,"#
                    + #""delivery":"inline","delivered":1.0,"created_at":30,"source":"live"}},"#
                    + #"{\#(head),"status":"failed","reward":null,"usable":true,"#
                    + #""failure":{"kind":"exception","message":"ValueError: \"x\""},"#
                    + #""recorded":{"unit":"step","step":2,\#(recorded),"#
                    + #""delivery":"none","created_at":30,"source":"live"}}],"#
                    + #""source":{"format":"rewardbridge-ledger","raw":{"session":"\#(session)","episode":1,"#
                    + #""version":"\#(LedgerFixture.version.digest)","started_at":20,"ended_at":40,"step_count":1,"#
                    + #""usable":true,"undelivered":false}}}"#
            ]
        )
        try await ledger.close()
    }

    @Test("All episodes come once, in order, whatever the page size divides", arguments: [0, 1, 63, 64, 65, 200])
    func pages(count: Int) async throws {
        let ledger = try fixture.open()
        var expected: [String] = []
        var entries: [JournalEntry] = []
        for number in 0..<count {
            let row = LedgerFixture.episodeRow(UInt64(number / 3), episode: number % 3)
            expected.append(row.key.description)
            entries.append(.episode(row))
        }
        try await ledger.synced(entries.reversed())
        #expect(try await export(ledger).map(id) == expected)
        #expect(try await export(ledger, session: LedgerFixture.session(1)).count == min(3, max(0, count - 3)))
        try await ledger.close()
    }

    private func id(_ record: String) -> String? {
        RawJSON(text: record).member("id")?.string()
    }

    private func export(_ ledger: Ledger, session: SessionID? = nil) async throws -> [String] {
        var records: [String] = []
        let count = try await LedgerExport(ledger.reader).run(session: session) { records.append($0.text) }
        #expect(count == records.count)
        return records
    }
}
