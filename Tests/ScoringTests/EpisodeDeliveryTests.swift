import AdapterSeam
import BridgeTesting
import JSONBytes
import RewardModel
import Scoring
import Testing

@Suite("Rubrics that score episodes, and terminal delivery")
struct EpisodeDeliveryTests {
    @Test func onlyTheLastStepWaits() throws {
        let session = try SessionFixture(.episodes())
        session.reset()
        #expect(session.step().releases.map(\.reply) == [.reward(nil, breakdown: nil)])
        let last = session.step(done: true)
        #expect(last.releases.isEmpty)
        let steps = try #require(session.component.calls.first?.record.member("steps")?.elements())
        #expect(steps.map { $0.member("index")?.int() } == [1, 2])
        #expect(session.answer(last.ticket, .scored(3)).map(\.reply) == [.reward(3, breakdown: nil)])
        let row = try #require(session.journal.outcomes.first)
        #expect(row.key.unit == .episode && row.key.step == 0)
        #expect(session.journal.episodes[1]?.undelivered == false)
    }

    @Test func anEpisodeThatIsCutShortIsScoredAndUndelivered() throws {
        let session = try SessionFixture(.episodes())
        session.reset()
        _ = session.step()
        session.reset()
        let call = try #require(session.component.calls.first)
        _ = session.answer(call.ticket, .scored(3))
        let row = try #require(session.journal.episodes[1])
        #expect(row.end == .reset && row.score == .scored(3) && row.undelivered && row.usable)
        #expect(session.journal.outcomes.first?.delivery == DeliveryState.none)
    }

    @Test func runningScoresEveryPrefix() throws {
        var options = AttachmentOptions()
        options.fold = .running
        let session = try SessionFixture(.episodes(prefix: true), options: options)
        session.reset()
        let first = session.step()
        #expect(session.answer(first.ticket, .scored(0.25)).map(\.reply) == [.reward(0.25, breakdown: nil)])
        let second = session.step(done: true)
        #expect(session.answer(second.ticket, .scored(1)).map(\.reply) == [.reward(1, breakdown: nil)])
        #expect(session.component.calls.map { $0.record.member("steps")?.elements()?.count } == [1, 2])
        #expect(session.journal.outcomes.map(\.key.step) == [1, 0])
    }

    @Test func foldsThatNeedPrefixesAreRefusedWithoutThem() {
        for fold in [Fold.running, .delta] {
            var options = AttachmentOptions()
            options.fold = fold
            #expect(throws: BridgeError.self) { try SessionFixture(.episodes(), options: options) }
        }
    }

    @Test func terminalDeliveryHoldsOnlyTheLastReply() throws {
        var options = AttachmentOptions()
        options.delivery = .terminal
        options.fold = .last
        options.before = .zero
        let session = try SessionFixture(options: options)
        session.reset()
        let first = session.step()
        #expect(first.releases.map(\.reply) == [.reward(0, breakdown: nil)])
        let last = session.step(done: true)
        #expect(last.releases.isEmpty)
        #expect(session.answer(last.ticket, .scored(2)).isEmpty)
        #expect(session.answer(first.ticket, .scored(1)).map(\.reply) == [.reward(3, breakdown: nil)])
    }

    @Test func deferredDeliveryAndGroupsAreRefused() {
        var options = AttachmentOptions()
        options.delivery = .deferred
        #expect(throws: BridgeError.self) { try SessionFixture(options: options) }
    }

    @Test func anEpisodeThatOutgrowsItsMemoryFails() throws {
        let session = try SessionFixture(.episodes(), historyMax: 64)
        session.reset()
        _ = session.step(observation: #"{"text":"0123456789012345678901234567890123456789"}"#)
        let last = session.step(done: true)
        #expect(last.releases.map(\.reply) == [.error])
        #expect(session.journal.outcomes.first?.outcome.kind == .tooLarge)
    }
}
