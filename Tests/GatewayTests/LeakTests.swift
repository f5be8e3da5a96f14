import BridgeTesting
import NIOCore
import RewardModel
import Synchronization
import Testing

@testable import Gateway

@Suite("What is left of a connection", .serialized)
struct LeakTests {
    /// Timers as long as these would keep what they hold past the end of the test.
    private static var setup: GatewaySetup {
        var setup = GatewaySetup.scored
        setup.limits.closeTimeout = .seconds(600)
        setup.limits.keepAlive = .seconds(600)
        setup.limits.handshakeTimeout = .seconds(600)
        setup.limits.drain = .seconds(600)
        return setup
    }

    @Test func aSessionIsFreedWithItsConnections() async throws {
        try await withGateway(Self.setup) { live in
            let session = try live.openSession()
            let relay = try await live.traceSession()
            try session.reset()
            try session.step("a")
            try await live.component.wait(forCalls: 1)
            live.component.answer(0, .scored(1))
            _ = try session.client.readFrame()
            try session.close()
            live.component.forgetSinks()
            try await live.until("the session is freed") { relay.isFreed }
        }
    }

    @Test func aSessionIsKeptForItsLastScoreAndNoLonger() async throws {
        try await withGateway(Self.setup) { live in
            let session = try live.openSession()
            let relay = try await live.traceSession()
            try session.reset()
            try session.step("a")
            try await live.component.wait(forCalls: 1)
            session.client.reset()
            #expect(try session.environment.readToEnd().isEmpty)
            session.environment.close()
            try await live.until("the session is over") { live.gateway.shared.connections.sessionCount == 0 }
            #expect(!relay.isFreed)
            live.component.answer(0, .scored(1))
            live.component.forgetSinks()
            try await live.until("the session is freed") { relay.isFreed }
            #expect(live.journal.outcomes.map(\.outcome) == [.scored(1)])
        }
    }

    @Test(arguments: [0, 1, 2])
    func aFrontAndItsHandshakeAreFreed(_ ending: Int) async throws {
        try await withGateway(Self.setup) { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            let environment = try live.environment.accept()
            _ = try environment.readHead()
            let front = try await live.traceFront()
            let handshake = try await live.traceHandshake()
            switch ending {
            case 0:
                try environment.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                _ = try client.readToEnd()
                client.close()
            case 1: client.close()
            default:
                try environment.send(FakeEnvironment.switching)
                _ = try client.readHead()
                environment.close()
                _ = try client.readToEnd()
                client.close()
            }
            try await live.until("both are freed") { front.isFreed && handshake.isFreed }
        }
    }

    @Test(arguments: [0, 1, 2])
    func anExchangeIsFreed(_ ending: Int) async throws {
        try await withGateway(Self.setup) { live in
            let client = try live.connect()
            try client.send("GET /a HTTP/1.1\r\nHost: b\r\n\r\n")
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            let front = try await live.traceFront()
            let exchange = try await live.traceExchange()
            switch ending {
            case 0:
                try upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                _ = try client.readHead()
                try await live.until("the exchange is freed") { exchange.isFreed }
                client.close()
            case 1: client.reset()
            default:
                upstream.close()
                _ = try client.readToEnd()
                client.close()
            }
            try await live.until("both are freed") { exchange.isFreed && front.isFreed }
        }
    }

    @Test func aThousandSessionsAndRefusalsLeaveNoDescriptor() async throws {
        try await withGateway(.scored) { live in
            for _ in 0..<1_000 {
                try live.openSession().close()
                let refused = try live.connect()
                try refused.send(LiveGateway.handshake())
                let environment = try live.environment.accept()
                _ = try environment.readHead()
                try environment.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                environment.close()
                _ = try refused.readToEnd()
            }
            // The two listeners.
            try await live.until("the descriptors are closed") {
                try Descriptors.count(ports: [live.port, live.environment.port]) == 2
            }
            #expect(live.gateway.counters.sessions == 1_000)
        }
    }
}

/// Tells whether an object is gone.
///
/// Weak references may be read on any thread; this one is written once.
private final class Trace: @unchecked Sendable {
    private weak let object: AnyObject?

    init(_ object: AnyObject) {
        self.object = object
    }

    var isFreed: Bool { object == nil }
}

extension LiveGateway {
    fileprivate func traceSession() async throws -> Trace {
        // The 101 goes out a moment before the session is registered.
        try await until("the session is there") { gateway.shared.connections.sessionCount == 1 }
        let session = try #require(gateway.shared.connections.state.withLock { $0.sessions.values.first })
        return try await session.eventLoop.submit { Trace(session.value) }.get()
    }

    fileprivate func traceFront() async throws -> Trace {
        try await trace { front in front }
    }

    fileprivate func traceHandshake() async throws -> Trace {
        try await trace { front in Self.find(Handshake.self, in: front) }
    }

    fileprivate func traceExchange() async throws -> Trace {
        try await trace { front in Self.find(HTTPExchange.self, in: front) }
    }

    /// Of the only connection that speaks HTTP.
    private func trace(_ part: @escaping @Sendable (FrontHandler) -> AnyObject?) async throws -> Trace {
        let front = try #require(gateway.shared.connections.state.withLock { $0.fronts.values.first })
        return try #require(try await front.eventLoop.submit { part(front.value).map { Trace($0) } }.get())
    }

    /// What the handler's state holds.
    private static func find<Object: AnyObject>(_ type: Object.Type, in front: FrontHandler) -> Object? {
        let state = Mirror(reflecting: front).children.first { $0.label == "state" }?.value
        let held = state.flatMap { Mirror(reflecting: $0).children.first?.value }
        return held as? Object ?? held.flatMap { Mirror(reflecting: $0).children.first?.value as? Object }
    }
}
