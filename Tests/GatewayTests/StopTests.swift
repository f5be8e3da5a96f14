import BridgeTesting
import NIOPosix
import RewardModel
import Synchronization
import Testing

@testable import Gateway

@Suite("Stopping the gateway", .serialized)
struct StopTests {
    @Test func aStepInFlightFinishesFirst() async throws {
        // On one loop, sessions that are asked to stop together have stopped taking requests when one of them says so.
        var setup = GatewaySetup.scored
        setup.loops = MultiThreadedEventLoopGroup.singleton.next()
        try await withGateway(setup) { live in
            let session = try live.openSession()
            let idle = try live.openSession()
            try session.reset()
            try session.client.send(.client(.text, Session.step("asked")))
            _ = try session.environment.readFrame()
            let (gateway, listener) = (live.gateway, live.listener)
            async let stopped: Void = gateway.stop(listener)
            #expect(try idle.client.readFrame() == .close(1012, masked: false))
            #expect(try idle.environment.readFrame().code == 1012)
            idle.environment.close()
            #expect(try idle.client.readToEnd().isEmpty)
            idle.client.close()
            // No further request is taken.
            try session.client.send(.client(.text, Session.step("late")))
            try session.environment.send(.server(.text, Session.stepReply("asked")))
            try await live.component.wait(forCalls: 1)
            #expect(!session.client.hasInput(within: .milliseconds(50)))
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("asked", "1.0"))
            #expect(try session.client.readFrame() == .close(1012, masked: false))
            #expect(try session.environment.readFrame().code == 1012)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
            session.client.close()
            await stopped
            #expect(throws: RawSocket.Failure.self) { try live.connect() }
            #expect(live.journal.episodes[1]?.end == .bridgeRestart)
            #expect(live.journal.outcomes.map(\.delivery) == [.inline])
        }
    }

    @Test func aClosingHandshakeUnderWayGoesOn() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let close = Frame.close(1001, "own", masked: false)
            try session.environment.send(close)
            #expect(try session.client.readFrame() == close)
            let (gateway, listener) = (live.gateway, live.listener)
            async let stopped: Void = gateway.stop(listener)
            try await live.until("the gateway stops") { gateway.shared.connections.state.withLock { $0.isStopping } }
            let answer = Frame.close(1001, masked: true)
            try session.client.send(answer)
            #expect(try session.environment.readFrame() == answer)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
            session.client.close()
            await stopped
        }
    }

    @Test func whatTakesTooLongIsAbandoned() async throws {
        var setup = GatewaySetup.scored
        setup.limits.drain = .milliseconds(200)
        setup.limits.closeTimeout = .milliseconds(200)
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            await live.stop()
            #expect(try session.client.readFrame().text.contains("REWARD_FAILED"))
            #expect(try session.client.readFrame().code == 1012)
            #expect(try session.client.readToEnd().isEmpty)
            #expect(live.journal.outcomes.map(\.outcome.kind) == [.shutdown])
            #expect(live.journal.episodes[1]?.end == .bridgeRestart)
            live.component.answer(0, .scored(1))
        }
    }

    @Test func aRequestInFlightFinishesAndIdleConnectionsEnd() async throws {
        try await withGateway { live in
            let idle = try live.connect()
            let busy = try live.connect()
            try busy.send("GET /health HTTP/1.1\r\nHost: b\r\n\r\n")
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            let (gateway, listener) = (live.gateway, live.listener)
            async let stopped: Void = gateway.stop(listener)
            #expect(try idle.readToEnd().isEmpty)
            idle.close()
            try upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            #expect(try busy.readTextToEnd().hasSuffix("\r\n\r\nok"))
            busy.close()
            await stopped
        }
    }

    @Test func aHandshakeUnderWayEndsWithItsSession() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            let environment = try live.environment.accept()
            _ = try environment.readHead()
            let (gateway, listener) = (live.gateway, live.listener)
            async let stopped: Void = gateway.stop(listener)
            try environment.send(FakeEnvironment.switching)
            _ = try client.readHead()
            #expect(try client.readFrame().code == 1012)
            #expect(try environment.readFrame().code == 1012)
            environment.close()
            #expect(try client.readToEnd().isEmpty)
            client.close()
            await stopped
        }
    }
}
