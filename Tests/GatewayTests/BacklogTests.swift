import BridgeTesting
import RewardModel
import Testing

@testable import Gateway

@Suite("What a client sends beyond its requests in flight", .serialized)
struct BacklogTests {
    private var setup: GatewaySetup {
        var setup = GatewaySetup.scored
        setup.limits.inFlight = 1
        return setup
    }

    @Test func pingsAndPongsPassTheRequestsThatWait() async throws {
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            let waiting = Frame.client(.text, Session.step("waits"))
            let parts = [Frame.client(.text, #"{"type": "#, isFinal: false), .client(.continuation, #""state"}"#)]
            try session.environment.send(.server(.ping, "env"))
            #expect(try session.client.readFrame() == .server(.ping, "env"))
            try session.client.send(waiting, parts[0], .client(.pong, "env"), parts[1], .client(.ping, "client"))
            #expect(try session.environment.readFrame() == .client(.pong, "env"))
            #expect(try session.environment.readFrame() == .client(.ping, "client"))
            #expect(!session.environment.hasInput(within: .milliseconds(50)))
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            #expect(try session.environment.readFrame() == waiting)
            try session.environment.send(.server(.text, Session.stepReply("waits")))
            try await live.component.wait(forCalls: 2)
            #expect(!session.environment.hasInput(within: .milliseconds(50)))
            live.component.answer(1, .scored(2))
            for part in parts { #expect(try session.environment.readFrame() == part) }
            try session.environment.send(.server(.text, #"{"type":"state","data":{}}"#))
            for _ in 0..<2 { _ = try session.client.readFrame() }
            try session.close()
        }
    }

    @Test func aCloseKeepsItsPlaceBehindTheRequests() async throws {
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            let waiting = Frame.client(.text, #"{"type":"state"}"#)
            try session.client.send(waiting, .close(1000, masked: true))
            #expect(!session.environment.hasInput(within: .milliseconds(50)))
            live.component.answer(0, .scored(1))
            #expect(try session.environment.readFrame() == waiting)
            try session.environment.send(.server(.text, #"{"type":"state","data":{}}"#))
            #expect(try session.environment.readFrame() == .close(1000, masked: true))
            session.environment.close()
            for _ in 0..<2 { _ = try session.client.readFrame() }
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    @Test(arguments: [Session.step("waits"), ""])
    func aFloodIsReadNoFurtherThanAMessageMayBeLong(_ text: String) async throws {
        var setup = setup
        setup.limits.requestMax = 100_000
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            let frames = Array(repeating: Frame.client(.text, text).bytes, count: 1_000).flatMap(\.self)
            _ = try session.client.fill(with: frames, atMost: 32 << 20)
            #expect(live.gateway.shared.budget.bytesUsed < 200_000)
            session.client.reset()
            _ = try session.environment.readToEnd()
        }
    }

    /// The session goes on when there is room again.
    @Test func theBudgetStopsTheReadingAndNothingElse() async throws {
        var setup = setup
        setup.limits.memoryMax = 10_000
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            let requests = (0..<100).map { Frame.client(.text, #"{"type":"state","data":"\#($0)"}"#) }
            let filler = Frame.client(.text, #"{"type":"mcp","data":"\#(String(repeating: "m", count: 5_000))"}"#)
            try session.client.send((requests + [filler, filler, filler]).flatMap(\.bytes))
            #expect(!session.environment.hasInput(within: .milliseconds(50)))
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            for request in requests {
                #expect(try session.environment.readFrame() == request)
                try session.environment.send(.server(.text, #"{"type":"state","data":{}}"#))
                _ = try session.client.readFrame()
            }
            for _ in 0..<3 {
                #expect(try session.environment.readFrame() == filler)
                try session.environment.send(.server(.text, #"{"type":"mcp","data":{}}"#))
                _ = try session.client.readFrame()
            }
            try session.close()
        }
    }
}
