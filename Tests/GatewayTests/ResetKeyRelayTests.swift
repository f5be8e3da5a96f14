import BridgeTesting
import RewardModel
import Testing

@testable import Gateway

@Suite("The reset key on the way through", .serialized)
struct ResetKeyRelayTests {
    private static let reset = #"{"type": "reset", "data": {"seed": 7, "rewardbridge": {"answer": "42"}, "x": [1]}}"#
    private static let cut = #"{"type": "reset", "data": {"seed": 7, "x": [1]}}"#

    @Test(arguments: [true, false])
    func itIsCutOutWithOrWithoutARubric(_ isScored: Bool) async throws {
        try await withGateway(isScored ? .scored : GatewaySetup()) { live in
            let session = try live.openSession()
            try session.client.send(.client(.text, Self.reset))
            #expect(try session.environment.readFrame() == .client(.text, Self.cut))
            try session.environment.send(.server(.text, Session.resetReply))
            #expect(try session.client.readFrame().text == Session.resetReply)
            try session.close()
        }
    }

    @Test func anEscapedOneIsCutOutWithoutARubric() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let escaped = Self.reset.replacing("rewardbridge", with: #"r\u0065wardbridg\u0065"#)
            try session.client.send(.client(.text, escaped))
            #expect(try session.environment.readFrame() == .client(.text, Self.cut))
            try session.environment.send(.server(.text, Session.resetReply))
            _ = try session.client.readFrame()
            try session.close()
        }
    }

    @Test func itIsCutOutOfAFragmentedRequest() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            let text = Array(Self.reset.utf8)
            try session.client.send(
                Frame(.text, Array(text[..<50]), isFinal: false, mask: [1, 2, 3, 4]),
                .client(.ping, ""),
                Frame(.continuation, Array(text[50..<60]), isFinal: false, mask: [5, 6, 7, 8]),
                Frame(.continuation, Array(text[60...]), mask: [9, 1, 2, 3])
            )
            #expect(try session.environment.readFrame().opcode == .ping)
            let frame = try session.environment.readFrame()
            #expect(frame.text == Self.cut && frame.isFinal && frame.isMasked && frame.opcode == .text)
            try session.environment.send(.server(.text, Session.resetReply))
            _ = try session.client.readFrame()
            try session.step("a")
            try await live.component.wait(forCalls: 1)
            live.component.answer(0, .scored(1))
            _ = try session.client.readFrame()
            try session.close()
        }
    }

    @Test func aBadKeyIsRefusedInOrder() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            try session.reset()
            try session.step("held")
            let bad = Frame.client(.text, #"{"type":"reset","data":{"rewardbridge":{"gold":"42"}}}"#)
            try session.client.send(.client(.text, Session.step("asked")), bad, .client(.text, #"{"type":"state"}"#))
            #expect(try session.environment.readFrame().text == Session.step("asked"))
            // The refused reset never gets here.
            #expect(try session.environment.readFrame().text == #"{"type":"state"}"#)
            let state = Frame.server(.text, #"{"type":"state","data":{}}"#)
            try session.environment.send(.server(.text, Session.stepReply("asked")), state)
            try await live.component.wait(forCalls: 2)
            live.component.answer(1, .scored(2))
            #expect(!session.client.hasInput(within: .milliseconds(50)))
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            #expect(try session.client.readFrame().text == Session.scored("asked", "2.0"))
            let refusal = try session.client.readFrame()
            #expect(refusal.text.contains(#""code":"VALIDATION_ERROR""#) && !refusal.text.contains("42"))
            #expect(try session.client.readFrame() == state)
            try session.close()
        }
    }

    @Test func aBadKeyAsTheFirstThingIsRefusedAtOnce() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            try session.client.send(.client(.text, #"{"type":"reset","data":{"rewardbridge":1}}"#))
            #expect(try session.client.readFrame().text.contains("VALIDATION_ERROR"))
            try session.client.send(.client(.text, Self.cut))
            #expect(try session.environment.readFrame().text == Self.cut)
            try session.close()
        }
    }

    @Test func refusalsThatWaitForTheirTurnCountAsInFlight() async throws {
        var setup = GatewaySetup()
        setup.limits.inFlight = 8
        try await withGateway(setup) { live in
            let session = try live.openSession()
            let bad = Frame.client(.text, #"{"type":"reset","data":{"rewardbridge":1}}"#)
            let bads = (0..<100).flatMap { _ in bad.bytes }
            let behind = Frame.client(.text, #"{"type":"close"}"#)
            try session.client.send(Frame.client(.text, Session.step("a")).bytes + bads + behind.bytes)
            #expect(try session.environment.readFrame().text == Session.step("a"))
            // The last one is behind refusals that wait.
            #expect(!session.environment.hasInput(within: .milliseconds(100)))
            try session.environment.send(.server(.text, Session.stepReply("a")))
            #expect(try session.environment.readFrame() == behind)
            #expect(try session.client.readFrame().text == Session.stepReply("a"))
            for _ in 0..<100 { #expect(try session.client.readFrame().text.contains("VALIDATION_ERROR")) }
            try session.close()
        }
    }

    /// After that no count of replies says when its turn is.
    @Test func aBadKeyIsAnsweredThoughThePairingIsLost() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            let bad = Frame.client(.text, #"{"type":"reset","data":{"rewardbridge":1}}"#)
            try session.client.send(.client(.text, Session.step("a")), bad)
            _ = try session.environment.readFrame()
            let odd = Frame.server(.text, #"{"type":"mcp","data":{}}"#)
            try session.environment.send(odd)
            #expect(try session.client.readFrame() == odd)
            #expect(try session.client.readFrame().text.contains("VALIDATION_ERROR"))
            try session.client.send(bad)
            #expect(try session.client.readFrame().text.contains("VALIDATION_ERROR"))
            try session.close()
        }
    }
}
