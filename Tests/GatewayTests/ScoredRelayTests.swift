import AdapterSeam
import BridgeTesting
import JSONBytes
import RewardModel
import Testing

@testable import Gateway

@Suite("A relay with a rubric", .serialized)
struct ScoredRelayTests {
    @Test func aReplyWaitsForItsScoreAndPingsDoNot() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            try session.reset()
            try session.step("one")
            try await live.component.wait(forCalls: 1)
            try session.environment.send(.server(.ping, "env"))
            #expect(try session.client.readFrame() == .server(.ping, "env"))
            try session.client.send(.client(.pong, "env"), .client(.ping, "client"))
            #expect(try session.environment.readFrame() == .client(.pong, "env"))
            #expect(try session.environment.readFrame() == .client(.ping, "client"))
            try session.environment.send(.server(.pong, "client"))
            #expect(try session.client.readFrame() == .server(.pong, "client"))
            live.component.answer(0, .scored(0.5))
            #expect(try session.client.readFrame().text == Session.scored("one", "0.5"))
            try session.close()
            let row = try #require(live.journal.outcomes.first)
            #expect(row.outcome == .scored(0.5) && row.delivery == .inline && live.journal.outcomes.count == 1)
        }
    }

    @Test func repliesGoOutInOrderWhateverTheOrderOfTheScores() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            try session.reset()
            for name in ["a", "b", "c"] { try session.step(name) }
            try session.client.send(.client(.text, #"{"type": "state"}"#))
            _ = try session.environment.readFrame()
            let state = Frame.server(.text, #"{"type":"state","data":{"episode_id":"e"}}"#)
            try session.environment.send(state)
            try await live.component.wait(forCalls: 3)
            live.component.answer(2, .scored(3))
            live.component.answer(1, .scored(2))
            #expect(!session.client.hasInput(within: .milliseconds(50)))
            live.component.answer(0, .failed(.exception))
            #expect(try session.client.readFrame().text.contains(#""code":"REWARD_FAILED""#))
            // A failed step fails the episode; the replies behind it say so too.
            #expect(try session.client.readFrame().text.contains(#""code":"REWARD_FAILED""#))
            #expect(try session.client.readFrame().text.contains(#""code":"REWARD_FAILED""#))
            #expect(try session.client.readFrame() == state)
            try session.close()
            #expect(live.journal.outcomes.map(\.key.step) == [1, 2, 3])
            #expect(live.journal.episodes[1]?.episodeID == "e")
        }
    }

    @Test func onlyTheRewardsBytesChange() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            try session.reset()
            try session.client.send(.client(.text, Session.step("x")))
            _ = try session.environment.readFrame()
            let before = #" {"type" : "observation", "data":{"reward" : 1e3 ,"observation": {"a": 1.0, "é":"\u00e9"}, "#
            let after = #""done":false, "reward": null, "x":[1 ,2]}, "y":NaN}"#
            try session.environment.send(
                .server(.text, before, isFinal: false),
                .server(.continuation, after)
            )
            try await live.component.wait(forCalls: 1)
            live.component.answer(0, .scored(0.1))
            let expected = before + after.replacing("null", with: "0.1")
            #expect(try session.client.readFrame() == .server(.text, expected))
            try session.close()
        }
    }

    @Test func aPipelineLongerThanTheLimitIsScoredToItsEnd() async throws {
        var setup = GatewaySetup.scored
        setup.limits.inFlight = 8
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.reset()
            let requests = (0..<200).map { Frame.client(.text, Session.step("\($0)")) }
            try session.client.send(requests.flatMap(\.bytes))
            for request in requests.prefix(8) {
                #expect(try session.environment.readFrame() == request)
                try session.environment.send(.server(.text, Session.stepReply("r")))
            }
            try await live.component.wait(forCalls: 8)
            // The environment has answered; the scores are what is in flight now.
            #expect(!session.environment.hasInput(within: .milliseconds(50)))
            for (index, request) in requests.enumerated() {
                try await live.component.wait(forCalls: index + 1)
                live.component.answer(index, .scored(Double(index)))
                #expect(try session.client.readFrame().text == Session.scored("r", "\(index).0"))
                guard index + 8 < requests.count else { continue }
                #expect(try session.environment.readFrame() == requests[index + 8], "\(request.text)")
                try session.environment.send(.server(.text, Session.stepReply("r")))
            }
            try session.close()
            #expect(live.journal.outcomes.count == 200)
        }
    }

    /// Its reward must not pass as if a rubric had given it, however large the reply.
    @Test func aReplyTooLargeToScoreIsAFailedStep() async throws {
        var setup = GatewaySetup.scored
        setup.limits.scoreMax = 10_000
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.reset()
            try session.client.send(.client(.text, Session.step("large")))
            _ = try session.environment.readFrame()
            let text = String(repeating: "l", count: 100_000)
            try session.environment.send(.server(.text, Session.stepReply(text)))
            let failure = try session.client.readFrame().text
            #expect(failure.contains("REWARD_FAILED") && failure.contains(text))
            try session.step("next")
            #expect(try session.client.readFrame().text.contains("REWARD_FAILED"))
            try session.close()
            #expect(live.journal.outcomes.map(\.outcome.kind) == [.tooLarge, .episodeFailed])
        }
    }

    /// The size counts over fragments.
    @Test func aFragmentedReplyTooLargeToScoreCarriesWhatTheAttachmentSays() async throws {
        var setup = GatewaySetup.scored
        setup.limits.scoreMax = 1_000
        setup.options.onFailed = .null
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.reset()
            try session.client.send(.client(.text, Session.step("large")))
            _ = try session.environment.readFrame()
            let word = String(repeating: "l", count: 1_500)
            let text = Session.stepReply(word)
            let frames: [Frame] = [
                .server(.text, String(text.prefix(700)), isFinal: false),
                .server(.continuation, String(text.dropFirst(700).prefix(700)), isFinal: false),
                .server(.continuation, String(text.dropFirst(1_400))),
            ]
            try session.environment.send(frames.flatMap(\.bytes))
            #expect(try session.client.readFrame().text == Session.scored(word, "null"))
            try session.close()
            #expect(live.journal.outcomes.map(\.outcome.kind) == [.tooLarge])
        }
    }

    @Test func aLargeReplyWaitsBehindAHeldOne() async throws {
        var setup = GatewaySetup.scored
        setup.limits.scoreMax = 1_000
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.reset()
            try session.step("held")
            try session.client.send(.client(.text, #"{"type":"reset"}"#))
            _ = try session.environment.readFrame()
            let large = Frame.server(.text, Session.stepReply(String(repeating: "l", count: 5_000)))
            try session.environment.send(large)
            try session.step("after")
            try await live.component.wait(forCalls: 2)
            #expect(!session.client.hasInput(within: .milliseconds(50)))
            live.component.answer(1, .scored(2))
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            #expect(try session.client.readFrame() == large)
            #expect(try session.client.readFrame().text == Session.scored("after", "2.0"))
            try session.close()
            // The large reply began an episode all the same.
            #expect(live.journal.outcomes.map { [$0.key.episode, $0.key.step] } == [[2, 1], [1, 1]])
        }
    }

    @Test func aReplyOfTheWrongTypeEndsThePairing() async throws {
        try await withGateway(.scored) { live in
            let session = try await live.openHeldSession()
            for name in ["b", "c"] {
                try session.client.send(.client(.text, Session.step(name)))
                _ = try session.environment.readFrame()
            }
            let odd = Frame.server(.text, #"{"type":"state","data":{}}"#)
            try session.environment.send(odd)
            try await live.until("the pairing is lost") { live.gateway.counters.desynchronised == 1 }
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            #expect(try session.client.readFrame() == odd)
            for name in ["b", "c", "d"] {
                if name == "d" {
                    try session.client.send(.client(.text, Session.step(name)))
                    _ = try session.environment.readFrame()
                }
                try session.environment.send(.server(.text, Session.stepReply(name)))
                #expect(try session.client.readFrame().text == Session.stepReply(name))
            }
            try session.close()
            #expect(live.journal.outcomes.map(\.outcome.kind) == [nil, .desync, .desync, .desync])
            #expect(live.journal.outcomes.map(\.key.step) == [1, 2, 3, 4])
            #expect(live.gateway.counters.desynchronised == 1)
            #expect(live.component.calls.count == 1)
        }
    }

    /// The environment's reward in it would pass as if a rubric had given it.
    @Test func aBinaryReplyToAStepEndsThePairing() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            try session.reset()
            try session.client.send(.client(.text, Session.step("a")))
            _ = try session.environment.readFrame()
            let binary = Frame.server(.binary, Session.stepReply("a"))
            try session.environment.send(binary)
            #expect(try session.client.readFrame() == binary)
            try session.close()
            #expect(live.gateway.counters.desynchronised == 1)
        }
    }

    @Test func theStateIsAskedInBandAndSwallowed() async throws {
        var setup = GatewaySetup.scored
        setup.description?.needs = [.action, .state]
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.client.send(.client(.text, #"{"type": "reset"}"#))
            _ = try session.environment.readFrame()
            let asked = try session.environment.readFrame()
            #expect(asked.text == #"{"type": "state"}"# && asked.isMasked && asked.opcode == .text)
            try session.environment.send(.server(.text, Session.resetReply))
            #expect(try session.client.readFrame().text == Session.resetReply)
            try session.environment.send(.server(.text, #"{"type":"state","data":{"episode_id":"e","n":0}}"#))

            try session.client.send(.client(.text, Session.step("a")), .client(.text, #"{"type": "state"}"#))
            _ = try session.environment.readFrame()
            #expect(try session.environment.readFrame().text == asked.text)
            #expect(try session.environment.readFrame() == .client(.text, #"{"type": "state"}"#))
            try session.environment.send(.server(.text, Session.stepReply("a")))
            #expect(!session.client.hasInput(within: .milliseconds(50)))
            #expect(live.component.calls.isEmpty)
            try session.environment.send(.server(.text, #"{"type":"state","data":{"n":1}}"#))
            let own = Frame.server(.text, #"{"type":"state","data":{"n":2}}"#)
            try session.environment.send(own)
            try await live.component.wait(forCalls: 1)
            let step = try #require(live.component.calls.first?.record.member("steps")?.elements()?.first)
            #expect(step.member("state")?.text == #"{"n":1}"#)
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("a", "1.0"))
            #expect(try session.client.readFrame() == own)
            try session.close()
            #expect(live.journal.episodes[1]?.episodeID == "e")
        }
    }

    @Test func aReplyWhoseStateNeverComesStillGoesOut() async throws {
        var setup = GatewaySetup.scored
        setup.description?.needs = [.action, .state]
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.client.send(.client(.text, #"{"type": "reset"}"#))
            for _ in 0..<2 { _ = try session.environment.readFrame() }
            try session.environment.send(
                .server(.text, Session.resetReply),
                .server(.text, #"{"type":"state","data":{}}"#)
            )
            _ = try session.client.readFrame()
            try session.client.send(.client(.text, Session.step("a")))
            for _ in 0..<2 { _ = try session.environment.readFrame() }
            try session.environment.send(.server(.text, Session.stepReply("a")), .close(1011, masked: false))
            session.environment.shutdownOutput()
            #expect(try session.client.readFrame().text == Session.scored("a", "null"))
            #expect(try session.client.readFrame() == .close(1011, masked: false))
            #expect(try session.client.readToEnd().isEmpty)
            session.client.close()
            #expect(live.journal.outcomes.map(\.outcome.kind) == [.needs])
        }
    }

    /// Steps that are in flight when the session leaves the protocol that is scored.
    @Test func aStepAskedBeforeAValidationMessageIsScored() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            try session.reset()
            let validation = Frame.client(.text, #"{"type":"validation_open","data":{}}"#)
            try session.client.send(
                .client(.text, Session.step("before")),
                validation,
                .client(.text, Session.step("after"))
            )
            for _ in 0..<3 { _ = try session.environment.readFrame() }
            let opened = Frame.server(.text, #"{"type":"validation_opened","data":{}}"#)
            try session.environment.send(
                .server(.text, Session.stepReply("before")),
                opened,
                .server(.text, Session.stepReply("after"))
            )
            try await live.component.wait(forCalls: 1)
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("before", "1.0"))
            #expect(try session.client.readFrame() == opened)
            #expect(try session.client.readFrame().text == Session.stepReply("after"))
            try session.close()
            #expect(live.journal.outcomes.map(\.outcome) == [.scored(1), .unscored(.validation)])
            #expect(live.journal.outcomes.map(\.key.step) == [1, 2])
        }
    }

    /// The environment goes on and on behind a reply that is held.
    @Test func framesBehindAHeldReplyAreBoundedByTheBudget() async throws {
        var setup = GatewaySetup.scored
        setup.limits.memoryMax = 10_000
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            let unasked = Frame.server(.text, #"{"type":"mcp","data":"\#(String(repeating: "u", count: 1_000))"}"#)
            for _ in 0..<50 { try session.environment.send(unasked) }
            #expect(try session.client.readFrame().text.contains("REWARD_FAILED"))
            for _ in 0..<50 { #expect(try session.client.readFrame() == unasked) }
            try session.close()
            #expect(live.journal.outcomes.map(\.outcome.kind) == [.overloaded])
            live.component.answer(0, .scored(1))
        }
    }

    /// The budget runs out with a reply held and a larger one coming in.
    @Test func aReplyThatTheBudgetCannotHoldBecomesAnError() async throws {
        var setup = GatewaySetup.scored
        setup.limits.memoryMax = 10_000
        setup.limits.scoreMax = 5_000
        setup.options.onFailed = .null
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            try session.client.send(.client(.text, Session.step("large")))
            _ = try session.environment.readFrame()
            let large = Frame.server(.text, Session.stepReply(String(repeating: "l", count: 50_000)))
            for start in stride(from: 0, to: large.bytes.count, by: 1_000) {
                try session.environment.send(large.bytes[start..<min(start + 1_000, large.bytes.count)])
            }
            #expect(try session.client.readFrame().text == Session.scored("held", "null"))
            #expect(try session.client.readFrame().text.contains("REWARD_FAILED"))
            try session.close()
            #expect(live.journal.outcomes.map(\.outcome.kind) == [.overloaded, .overloaded])
            #expect(live.journal.outcomes.map(\.key.step) == [1, 2])
            live.component.answer(0, .scored(1))
        }
    }
}
