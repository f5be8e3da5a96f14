import BridgeTesting
import Synchronization
import Testing

@testable import Gateway

@Suite("Handshakes that do not end in a session", .serialized)
struct HandshakeTests {
    private func refuse(_ live: LiveGateway, _ answer: String) throws -> String {
        let client = try live.connect()
        try client.send(LiveGateway.handshake())
        let upstream = try live.environment.accept()
        _ = try upstream.readHead()
        try upstream.send(answer)
        return try client.readTextToEnd()
    }

    @Test func theStatusAndTheBodyAreTheEnvironments() async throws {
        try await withGateway { live in
            let body = #"{"detail":"Not authenticated"}"#
            let answer = try refuse(
                live,
                "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(answer.hasPrefix("HTTP/1.1 401 Unauthorized\r\n") && answer.hasSuffix("\r\n\r\n\(body)"))
            #expect(answer.contains("WWW-Authenticate: Bearer\r\n"))
            let empty = try refuse(live, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            #expect(empty.hasPrefix("HTTP/1.1 403 Forbidden\r\n") && empty.hasSuffix("\r\n\r\n"))
            let chunked = try refuse(
                live,
                "HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n"
            )
            #expect(chunked.hasPrefix("HTTP/1.1 503 ") && chunked.hasSuffix("\r\n\r\nbusy"))
            #expect(live.gateway.counters.sessions == 0)
        }
    }

    @Test(arguments: [301, 307, 308])
    func aRedirectOnTheSameServerIsFollowed(_ status: Int) async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake("/ws?x=1"))
            let first = try live.environment.accept()
            _ = try first.readHead()
            let target = "ws://127.0.0.1:\(live.environment.port)/other/ws?y=2"
            try first.send("HTTP/1.1 \(status) Moved\r\nLocation: \(target)\r\nContent-Length: 0\r\n\r\n")
            let second = try live.environment.accept()
            let head = try second.readHead()
            #expect(head.hasPrefix("GET /other/ws?y=2 HTTP/1.1\r\n"))
            #expect(head.lowercased().contains("sec-websocket-key: dghlihnhbxbszsbub25jzq=="))
            try second.send(FakeEnvironment.switching)
            #expect(try client.readHead().hasPrefix("HTTP/1.1 101"))
            try second.send(.server(.text, "x"))
            #expect(try client.readFrame().text == "x")
            second.close()
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test(arguments: ["ws://127.0.0.1:1/ws", "http://localhost/ws", "//127.0.0.1/ws", "wss://127.0.0.1/ws"])
    func aRedirectElsewhereIsTheClientsToFollow(_ location: String) async throws {
        try await withGateway { live in
            let answer = try refuse(live, "HTTP/1.1 307 Moved\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 307 ") && answer.contains("Location: \(location)\r\n"))
        }
    }

    @Test func anExtensionThatNobodyOfferedIsRefused() async throws {
        try await withGateway { live in
            let head = FakeEnvironment.switching.dropLast() + "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
            let answer = try refuse(live, String(head))
            #expect(answer.hasPrefix("HTTP/1.1 502"))
        }
    }

    @Test func moreSessionsThanTheLimitAreRefused() async throws {
        var setup = GatewaySetup()
        setup.limits.sessionsMax = 2
        try await withGateway(setup) { live in
            let first = try live.openSession()
            // A handshake under way counts, or many at once would pass the limit.
            let waiting = try live.connect()
            try waiting.send(LiveGateway.handshake())
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            let refused = try live.connect()
            try refused.send(LiveGateway.handshake())
            #expect(try refused.readTextToEnd().hasPrefix("HTTP/1.1 503"))
            try upstream.send(FakeEnvironment.switching)
            _ = try waiting.readHead()
            try first.close()
            try await live.until("the first session's place is free") {
                live.gateway.shared.connections.state.withLock { $0.admitted } == 1
            }
            try live.openSession().close()
            upstream.close()
            #expect(try waiting.readToEnd().isEmpty)
        }
    }

    @Test func aHandshakeThatWasGivenUpNoLongerCounts() async throws {
        var setup = GatewaySetup()
        setup.limits.sessionsMax = 1
        try await withGateway(setup) { live in
            for ending in 0..<3 {
                let client = try live.connect()
                try client.send(LiveGateway.handshake())
                let upstream = try live.environment.accept()
                _ = try upstream.readHead()
                switch ending {
                case 0: client.close()
                case 1: client.reset()
                default: upstream.close()
                }
                if ending < 2 { #expect(try upstream.readToEnd().isEmpty) } else { _ = try client.readTextToEnd() }
            }
            try live.openSession().close()
        }
    }

    @Test func anEnvironmentThatDoesNotAnswerIsABadGateway() async throws {
        var setup = GatewaySetup()
        setup.limits.connectTimeout = .milliseconds(500)
        setup.limits.handshakeTimeout = .milliseconds(500)
        try await withGateway(setup) { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            #expect(try client.readTextToEnd().hasPrefix("HTTP/1.1 502"))
            #expect(try upstream.readToEnd().isEmpty)
        }
    }

    /// The rest of such a request would reach a relay as frames, or a relay's handler as HTTP.
    @Test(arguments: ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n"])
    func aHandshakeWithABodyIsRefused(_ framing: String) async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake(headers: framing))
            #expect(try client.readHead().hasPrefix("HTTP/1.1 400"))
        }
    }

    @Test func anotherProtocolIsRelayedAsARequest() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("GET /a HTTP/1.1\r\nHost: b\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
            let upstream = try live.environment.accept()
            #expect(try !upstream.readHead().lowercased().contains("h2c"))
            try upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
            #expect(try client.readTextToEnd().hasSuffix("\r\n\r\nok"))
        }
    }
}
