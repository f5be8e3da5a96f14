import AdapterSeam
import BridgeTesting
import JSONBytes
import RewardModel
import Scoring
import Testing

@Suite("A session's scores")
struct SessionScoringTests {
    @Test func aStepWaitsForItsScore() throws {
        let session = try SessionFixture()
        session.reset()
        let step = session.step()
        #expect(step.releases.isEmpty)
        #expect(step.deadline == session.now.instant + .seconds(30))
        let releases = session.answer(step.ticket, .scored(0.5))
        #expect(releases.map(\.ticket) == [step.ticket])
        #expect(releases.map(\.reply) == [.reward(0.5, breakdown: nil)])
        let row = try #require(session.journal.outcomes.first)
        #expect(row.key.episode == 1 && row.key.step == 1 && row.key.unit == .step)
        #expect(row.outcome == .scored(0.5) && row.delivery == .inline)
        #expect(row.delivered?.text == "0.5" && row.environmentReward?.text == "0.25")
    }

    @Test func repliesGoOutInOrderWhateverTheOrderOfTheAnswers() throws {
        let session = try SessionFixture()
        session.reset()
        let first = session.step()
        let second = session.step()
        #expect(session.answer(second.ticket, .scored(2)).isEmpty)
        let releases = session.answer(first.ticket, .scored(1))
        #expect(releases.map(\.ticket) == [first.ticket, second.ticket])
        #expect(releases.map(\.reply) == [.reward(1, breakdown: nil), .reward(2, breakdown: nil)])
    }

    @Test func theRecordHoldsWhatTheComponentNeedsAndNoMore() throws {
        let session = try SessionFixture()
        session.reset()
        _ = session.step(#"{"message": "a b",  "x": NaN}"#, observation: #"{"text":"ok","n":1.50}"#)
        let record = try #require(session.component.calls.first?.record)
        #expect(record.member("schema")?.string() == "evalrec/1")
        let steps = try #require(record.member("steps")?.elements())
        #expect(steps.count == 1)
        #expect(steps[0].member("action")?.text == #"{"message": "a b",  "x": NaN}"#)
        #expect(steps[0].member("observation")?.text == #"{"text":"ok","n":1.50}"#)
        #expect(steps[0].member("reward")?.text == "0.25")
        #expect(record.member("prompt") == nil && record.member("messages") == nil)
    }

    @Test func stepsBeforeTheFirstResetAreUnscored() throws {
        let session = try SessionFixture()
        let step = session.step()
        #expect(step.releases.map(\.reply) == [.reward(nil, breakdown: nil)])
        #expect(session.component.calls.isEmpty)
        let row = try #require(session.journal.outcomes.first)
        #expect(row.key.episode == 0 && row.outcome.kind == .noReset)
    }

    @Test func stepsAfterTheEndAreUnscoredAndLeaveTheScore() throws {
        let session = try SessionFixture()
        session.reset()
        let last = session.step(done: true)
        _ = session.answer(last.ticket, .scored(1))
        #expect(session.step().releases.map(\.reply) == [.reward(nil, breakdown: nil)])
        #expect(session.journal.outcomes.last?.outcome.kind == .noReset)
        #expect(session.journal.episodes[1]?.score == .scored(1))
    }

    @Test func stepsAfterTheEndThatCannotBeScoredLeaveTheEpisodeAsItIs() throws {
        let session = try SessionFixture()
        session.reset()
        let last = session.step(done: true)
        _ = session.answer(last.ticket, .scored(1))
        _ = session.scoring.stepUnscorable(.failed(.desync), at: session.now)
        #expect(session.journal.outcomes.map(\.outcome.kind) == [nil, .desync])
        #expect(session.journal.outcomes.map(\.key.step) == [1, 2])
        let episode = try #require(session.journal.episodes[1])
        #expect(episode.score == .scored(1) && episode.usable && !episode.undelivered)
    }

    @Test func aSessionIsSettledWhenNothingIsWaitedFor() throws {
        var options = AttachmentOptions()
        options.durability = .reply
        let session = try SessionFixture(options: options)
        session.reset()
        #expect(session.scoring.isSettled)
        let step = session.step()
        #expect(!session.scoring.isSettled)
        _ = session.answer(step.ticket, .scored(1))
        #expect(!session.scoring.isSettled)
        _ = session.scoring.synced(step.ticket, .success(()))
        #expect(session.scoring.isSettled)
    }

    @Test func toolListingsPassUntouched() throws {
        let session = try SessionFixture()
        session.reset()
        let step = session.step(#"{"type":"list_tools"}"#, isToolListing: true)
        #expect(step.releases.map(\.reply) == [.untouched])
        #expect(session.component.calls.isEmpty)
        #expect(session.journal.outcomes.map(\.outcome.kind) == [.toolListing])
        #expect(session.step().ticket != step.ticket)
        #expect(session.component.calls.count == 1)
    }

    @Test func aFailedStepFailsTheEpisodeUntilTheNextReset() throws {
        let session = try SessionFixture()
        session.reset()
        let failed = session.step()
        #expect(session.answer(failed.ticket, .failed(.crash)).map(\.reply) == [.error])
        let later = session.step()
        #expect(later.releases.map(\.reply) == [.error])
        #expect(session.journal.outcomes.last?.outcome.kind == .episodeFailed)
        session.reset()
        let fresh = session.step()
        #expect(fresh.releases.isEmpty)
        #expect(session.answer(fresh.ticket, .scored(1)).map(\.reply) == [.reward(1, breakdown: nil)])
        #expect(session.journal.episodes[1]?.score?.isFailed == true)
        #expect(session.journal.episodes[1]?.usable == false)
    }

    @Test func aScoreOutOfRangeFails() throws {
        var options = AttachmentOptions()
        options.range = ScoreRange(0, 1)
        let session = try SessionFixture(options: options)
        session.reset()
        let step = session.step()
        #expect(session.answer(step.ticket, .scored(1.5)).map(\.reply) == [.error])
        #expect(session.journal.outcomes.first?.outcome.kind == .outOfRange)
    }

    @Test func expiredStepsFailAndTheirLateAnswersArePassedOver() throws {
        let session = try SessionFixture()
        session.reset()
        let step = session.step()
        #expect(session.scoring.expire(step.ticket, at: session.now).map(\.reply) == [.error])
        #expect(session.answer(step.ticket, .scored(1)).isEmpty)
        #expect(session.journal.outcomes.map(\.outcome.kind) == [.timeout])
    }

    @Test func theClientsTimeBoundsTheDeadline() throws {
        let session = try SessionFixture()
        session.reset()
        let slow = session.step(requestedAgo: .seconds(50))
        #expect(slow.deadline == session.now.instant + .seconds(8))
        let late = session.step(requestedAgo: .seconds(58))
        #expect(late.deadline == nil)
        #expect(session.answer(slow.ticket, .scored(1)).map(\.reply) == [.reward(1, breakdown: nil), .error])
        #expect(session.journal.outcomes.last?.outcome.kind == .noTime)
    }

    @Test func statefulEpisodesAreOpenedAndClosedOnce() throws {
        let session = try SessionFixture(.steps(stateful: true))
        session.reset()
        _ = session.step()
        _ = session.step(done: true)
        session.reset()
        session.reset()
        _ = session.step()
        session.scoring.clientGone()
        _ = session.scoring.sessionEnded(.disconnect, at: session.now)
        let expected = ["open 1", "score 1", "score 1", "close 1", "open 3", "score 3", "close 3"]
        #expect(session.component.events == expected)
    }

    @Test func aResetEndsTheEpisodeBeforeIt() throws {
        let session = try SessionFixture()
        session.reset(request: #"{"episode_id":"ep-1"}"#)
        let step = session.step()
        _ = session.answer(step.ticket, .scored(2))
        session.reset()
        let row = try #require(session.journal.episodes[1])
        #expect(row.end == .reset && row.usable && row.score == .scored(2) && row.steps == 1)
        #expect(row.episodeID == "ep-1" && !row.undelivered)
    }

    @Test func answersAfterADisconnectAreRecordedAndNotDelivered() throws {
        let session = try SessionFixture()
        session.reset()
        let step = session.step()
        session.scoring.clientGone()
        _ = session.scoring.sessionEnded(.disconnect, at: session.now)
        _ = session.answer(step.ticket, .scored(1))
        let row = try #require(session.journal.outcomes.first)
        #expect(row.outcome == .scored(1) && row.delivery == .none && row.delivered == nil)
        let episode = try #require(session.journal.episodes[1])
        #expect(episode.end == .disconnect && !episode.usable && episode.undelivered)
    }

    /// A reset and a step were in flight.
    @Test func whatIsAnsweredAfterTheSessionsEndLeavesNoEpisodeOpen() throws {
        let session = try SessionFixture(.steps(stateful: true))
        session.scoring.clientGone()
        _ = session.scoring.sessionEnded(.disconnect, at: session.now)
        session.reset()
        let episode = try #require(session.journal.episodes[1])
        #expect(episode.end == .disconnect && !episode.usable && episode.endedAt != nil)
        #expect(session.step().releases.count == 1)
        #expect(session.component.events.isEmpty && session.scoring.isSettled)
    }

    @Test func durabilityReplyWaitsForTheDisk() throws {
        var options = AttachmentOptions()
        options.durability = .reply
        let session = try SessionFixture(options: options)
        session.reset()
        let step = session.step()
        #expect(session.answer(step.ticket, .scored(1)).isEmpty)
        session.journal.finishSyncs(.success(()))
        let (ticket, result) = try #require(session.events.syncs.first)
        #expect(session.scoring.synced(ticket, result).map(\.reply) == [.reward(1, breakdown: nil)])
    }

    @Test func aRowThatCannotBeWrittenFailsTheReply() throws {
        var options = AttachmentOptions()
        options.durability = .reply
        let session = try SessionFixture(options: options)
        session.reset()
        let step = session.step()
        _ = session.answer(step.ticket, .scored(1))
        session.journal.finishSyncs(.failure(BridgeError(.storage, "could not write")))
        let (ticket, result) = try #require(session.events.syncs.first)
        #expect(session.scoring.synced(ticket, result).map(\.reply) == [.error])
    }

    @Test func theBreakdownNamesSessionEpisodeAndStep() throws {
        var options = AttachmentOptions()
        options.breakdown = true
        let session = try SessionFixture(options: options)
        session.reset()
        let step = session.step()
        let reply = try #require(session.answer(step.ticket, .scored(0.5)).first?.reply)
        guard case .reward(0.5, let breakdown?) = reply else { throw Unexpected(reply) }
        #expect(breakdown.member("session_id")?.string() == session.scoring.session.description)
        #expect(breakdown.member("episode")?.int() == 1 && breakdown.member("step")?.int() == 1)
        #expect(breakdown.member("rubric_scores")?.text == #"{"tested":0.5}"#)
        #expect(breakdown.member("tree")?.element(at: 0)?.member("score")?.double() == 0.5)
    }

    @Test func theBreakdownHasTheTreeOfTheLibrary() throws {
        var options = AttachmentOptions()
        options.breakdown = true
        let session = try SessionFixture(options: options)
        session.reset()
        let tree = RawJSON(#"[{"name":"root","children":["root.a"]},{"name":"root.a","children":[]}]"#)
        let result = ComponentResult(.scored(0.5), tree: tree)
        let reply = try #require(session.answer(session.step().ticket, result).first?.reply)
        guard case .reward(0.5, let breakdown?) = reply else { throw Unexpected(reply) }
        #expect(breakdown.member("tree") == tree)
    }

    @Test func whatAnEpisodeGivesItsStepsIsKept() throws {
        let session = try SessionFixture(.episodes())
        session.reset()
        _ = session.step()
        let last = session.step(done: true)
        let scores = RawJSON(#"[{"step":1,"reward":0.45},{"step":2,"reward":null}]"#)
        _ = session.answer(last.ticket, ComponentResult(.scored(0.5), stepScores: scores))
        let rows = session.journal.outcomes.filter { $0.key.kind == .credit }
        #expect(rows.map(\.key.step) == [1, 2] && rows.allSatisfy { $0.key.unit == .step && $0.delivery == .none })
        #expect(rows.map(\.outcome.value) == [0.45, nil] && rows.map(\.outcome.kind) == [nil, .notFinite])
        #expect(rows.map(\.usable) == [true, false])
    }

    @Test func unknownKeysInTheResetKeyAreRefused() {
        #expect(throws: ResetKeyContent.Problem.self) { try ResetKeyContent(RawJSON(#"{"answr":1}"#)) }
        #expect(throws: ResetKeyContent.Problem.self) { try ResetKeyContent(RawJSON(#"{"task":[1]}"#)) }
        #expect(throws: ResetKeyContent.Problem.self) { try ResetKeyContent(RawJSON("7")) }
    }
}

struct Unexpected: Error {
    let what: String

    init(_ what: some Sendable) {
        self.what = "\(what)"
    }
}
