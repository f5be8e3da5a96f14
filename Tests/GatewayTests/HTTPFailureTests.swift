import BridgeTesting
import Testing

@testable import Gateway

@Suite("HTTP that goes wrong", .serialized)
struct HTTPFailureTests {
    @Test func aDeadEnvironmentIsABadGateway() async throws {
        try await withGateway { live in
            live.environment.close()
            let client = try live.connect()
            try client.send("GET /health HTTP/1.1\r\nHost: b\r\n\r\n")
            let (head, body) = try readAnswer(client)
            #expect(head.hasPrefix("HTTP/1.1 502") && body.hasPrefix(#"{"detail":"#))
            #expect(try client.readToEnd().isEmpty)
            let handshake = try live.connect()
            try handshake.send(LiveGateway.handshake())
            #expect(try readAnswer(handshake).head.hasPrefix("HTTP/1.1 502"))
            #expect(try handshake.readToEnd().isEmpty)
        }
    }

    @Test(arguments: ["", "HTTP/1.1 200", "HTTP/1.1 100 Continue\r\n\r\n", "nonsense\r\n\r\n"])
    func anEnvironmentThatHangsUpIsABadGateway(_ last: String) async throws {
        try await withGateway { live in
            for request in ["GET /health HTTP/1.1\r\nHost: b\r\n\r\n", LiveGateway.handshake()] {
                let client = try live.connect()
                try client.send(request)
                try answer(live, last)
                var head = try client.readHead()
                if head.hasPrefix("HTTP/1.1 100") { head = try client.readHead() }
                #expect(head.hasPrefix("HTTP/1.1 502"), "\(request.prefix(12)): \(head)")
            }
        }
    }

    @Test func aHeadLargerThanTheLimitIsABadGateway() async throws {
        try await withGateway { live in
            let filling = "X-Filling: \(String(repeating: "x", count: 20_000))\r\n"
            let client = try live.connect()
            try client.send("GET /health HTTP/1.1\r\nHost: b\r\n\r\n")
            try answer(live, "HTTP/1.1 200 OK\r\n\(filling)Content-Length: 0\r\n\r\n")
            #expect(try readAnswer(client).head.hasPrefix("HTTP/1.1 502"))
            let handshake = try live.connect()
            try handshake.send(LiveGateway.handshake())
            try answer(live, String(FakeEnvironment.switching.dropLast()) + filling + "\r\n")
            #expect(try readAnswer(handshake).head.hasPrefix("HTTP/1.1 502"))
        }
    }

    /// The client has the answer though nobody takes the rest of its request.
    @Test func anAnswerBeforeTheEndOfTheRequestArrives() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("POST /upload HTTP/1.1\r\nHost: b\r\nContent-Length: 8000000\r\n\r\nstart")
            try answer(live, "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno", body: 5)
            try client.send([UInt8](repeating: 0x61, count: 7_000_000))
            let (head, body) = try readAnswer(client)
            #expect(head.hasPrefix("HTTP/1.1 401") && body == "no" && head.lowercased().contains("connection: close"))
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test(arguments: [
        "POST /step HTTP/1.1\r\nHost: b\r\nContent-Length: 9\r\n\r\nhalf", "GET /a HT", "\u{1}\u{2}\r\n\r\n",
    ])
    func whatComesBehindARequestDoesNotTakeAwayItsAnswer(_ rest: String) async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("GET /health HTTP/1.1\r\nHost: b\r\n\r\n" + rest)
            client.shutdownOutput()
            try answer(live)
            #expect(try client.readTextToEnd().hasSuffix("\r\n\r\nok"))
        }
    }

    @Test func aTruncatedAnswerDoesNotLookWhole() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("GET /a HTTP/1.1\r\nHost: b\r\n\r\n")
            try answer(live, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n")
            _ = try client.readHead()
            #expect(!(try client.readTextToEnd().contains("0\r\n\r\n")))
        }
    }

    @Test func aClientThatLeavesFreesTheEnvironment() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("GET /slow HTTP/1.1\r\nHost: b\r\n\r\n")
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            client.reset()
            #expect(try upstream.readToEnd().isEmpty)
        }
    }

    // MARK: - Bad requests

    @Test(arguments: [
        ("GET / HTTP/9.9\r\n\r\n", "400"), ("\u{16}\u{3}\u{1}\u{2}\u{0}", "400"),
        ("CONNECT h:1 HTTP/1.1\r\n\r\n", "501"),
        ("GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400"),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"),
        ("GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n", "400"),
    ])
    func whatIsNotARequestIsRefused(_ text: String, _ status: String) async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send(text)
            #expect(try readAnswer(client).head.hasPrefix("HTTP/1.1 \(status)"))
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test func aConnectionThatSaysNothingIsLeft() async throws {
        var setup = GatewaySetup()
        setup.limits.handshakeTimeout = .milliseconds(100)
        try await withGateway(setup) { live in
            let silent = try live.connect()
            #expect(try silent.readToEnd().isEmpty)
        }
        setup.limits = .tests
        setup.limits.keepAlive = .milliseconds(100)
        try await withGateway(setup) { live in
            let kept = try live.connect()
            try kept.send("GET /a HTTP/1.1\r\nHost: b\r\n\r\n")
            try answer(live)
            _ = try readAnswer(kept)
            #expect(try kept.readToEnd().isEmpty)
        }
    }
}
