import BridgeTesting
import Testing

@testable import Gateway

@Suite("HTTP through the gateway", .serialized)
struct HTTPTests {
    @Test func aConnectionIsKeptForTheNextRequest() async throws {
        try await withGateway { live in
            let client = try live.connect()
            for path in ["/health", "/schema?x=1"] {
                try client.send("GET \(path) HTTP/1.1\r\nHost: b\r\nAuthorization: t\r\n\r\n")
                let request = try answer(live)
                #expect(request.hasPrefix("GET \(path) HTTP/1.1\r\n"))
                #expect(request.lowercased().contains("\r\nauthorization: t\r\n"))
                let (head, body) = try readAnswer(client)
                #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.contains("Server: fake\r\n") && body == "ok")
            }
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withGateway { live in
            let client = try live.connect()
            let post = "POST /step HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\nabc"
            try client.send("GET /a HTTP/1.1\r\nHost: b\r\n\r\n" + post + "GET /c HTTP/1.1\r\nHost: b\r\n\r\n")
            client.shutdownOutput()
            for (path, body, text) in [("/a", 0, "1"), ("/step", 3, "2"), ("/c", 0, "3")] {
                let request = try answer(live, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(text)", body: body)
                #expect(request.contains(" \(path) ") && request.hasSuffix(body > 0 ? "\r\n\r\nabc" : "\r\n\r\n"))
                #expect(try readAnswer(client).body == text)
            }
            #expect(try client.readToEnd().isEmpty)
            #expect(live.gateway.counters.httpSteps == 1)
        }
    }

    /// Thousands of requests in one read must not be thousands of calls deep.
    @Test func aLongPipelineOfRefusedRequestsIsAnsweredOneByOne() async throws {
        try await withGateway { live in
            let client = try live.connect()
            let count = 3_000
            try client.send("GET /first HTTP/1.1\r\nHost: b\r\n\r\n")
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            let flood = Array(String(repeating: "GET * HTTP/1.1\r\n\r\n", count: count).utf8)
            var sent = 0
            while sent < flood.count, client.takesMore(within: .milliseconds(200)) {
                sent += try client.sendSome(Array(flood[sent...]))
            }
            try upstream.send(okResponse)
            #expect(try readAnswer(client).head.hasPrefix("HTTP/1.1 200"))
            var answered = 0
            while answered < count {
                if sent < flood.count { sent += try client.sendSome(Array(flood[sent...])) }
                #expect(try readAnswer(client).head.hasPrefix("HTTP/1.1 404"))
                answered += 1
            }
        }
    }

    @Test func chunksPassBothWays() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("POST /mcp HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            let upstream = try live.environment.accept()
            let head = try upstream.readHead()
            #expect(head.lowercased().contains("transfer-encoding: chunked"))
            #expect(String(decoding: try upstream.read(8), as: UTF8.self) == "3\r\nabc\r\n")
            try client.send("2\r\nde\r\n0\r\n\r\n")
            #expect(String(decoding: try upstream.read(12), as: UTF8.self) == "2\r\nde\r\n0\r\n\r\n")
            try upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n")
            #expect(try client.readHead().lowercased().contains("transfer-encoding: chunked"))
            // Before the answer is over.
            #expect(String(decoding: try client.read(9), as: UTF8.self) == "4\r\nfour\r\n")
            try upstream.send("0\r\n\r\n")
            #expect(String(decoding: try client.read(5), as: UTF8.self) == "0\r\n\r\n")
            #expect(live.gateway.counters.httpToolCalls == 1)
        }
    }

    @Test func anAnswerThatEndsWithItsConnectionIsChunked() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("GET /old HTTP/1.1\r\nHost: b\r\n\r\n")
            try answer(live, "HTTP/1.0 200 OK\r\n\r\nuntil the end")
            #expect(try client.readHead().lowercased().contains("transfer-encoding: chunked"))
            #expect(String(decoding: try client.read(23), as: UTF8.self) == "d\r\nuntil the end\r\n0\r\n\r\n")
        }
    }

    @Test func anOldClientGetsNoChunks() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("GET /new HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            try answer(live, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfour\r\n0\r\n\r\n")
            let text = try client.readTextToEnd()
            #expect(text.hasSuffix("\r\n\r\nfour") && !text.lowercased().contains("transfer-encoding"))
        }
    }

    @Test(arguments: ["Content-Length: 500\r\n", "Transfer-Encoding: chunked\r\n", ""])
    func aHeadRequestHasNoBodyAndTheConnectionGoesOn(_ framing: String) async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("HEAD /web/ HTTP/1.1\r\nHost: b\r\n\r\nGET /next HTTP/1.1\r\nHost: b\r\n\r\n")
            let request = try answer(live, "HTTP/1.1 200 OK\r\n\(framing)\r\n")
            #expect(request.hasPrefix("HEAD /web/ "))
            let head = try client.readHead()
            #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.lowercased().contains(framing.lowercased()))
            try answer(live)
            let (next, body) = try readAnswer(client)
            #expect(next.hasPrefix("HTTP/1.1 200 OK\r\n") && body == "ok")
        }
    }

    @Test func aHeadRequestThatTheBridgeRefusesHasNoBodyEither() async throws {
        var setup = GatewaySetup()
        setup.name = "echo"
        try await withGateway(setup) { live in
            let client = try live.connect()
            try client.send("HEAD /none HTTP/1.1\r\nHost: b\r\n\r\nGET /none HTTP/1.1\r\nHost: b\r\n\r\n")
            #expect(try client.readHead().hasPrefix("HTTP/1.1 404"))
            let (head, body) = try readAnswer(client)
            #expect(head.hasPrefix("HTTP/1.1 404") && body.hasPrefix(#"{"detail":"#))
        }
    }

    @Test func aClientThatWaitsForContinueGetsIt() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("POST /step HTTP/1.1\r\nHost: b\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
            let upstream = try live.environment.accept()
            #expect(try upstream.readHead().lowercased().contains("expect: 100-continue"))
            try upstream.send("HTTP/1.1 100 Continue\r\n\r\n")
            #expect(try client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
            try client.send("body")
            #expect(try upstream.read(4) == Array("body".utf8))
            try upstream.send(okResponse)
            #expect(try readAnswer(client).body == "ok")
        }
    }

    /// The bridge holds a reset's body, so it is the one that must ask for it.
    @Test func aResetThatWaitsForContinueGetsIt() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("POST /reset HTTP/1.1\r\nHost: b\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
            #expect(try client.readHead() == "HTTP/1.1 100 Continue\r\n\r\n")
            try client.send("{}")
            let request = try answer(live, body: 2)
            #expect(request.hasSuffix("\r\n\r\n{}") && !request.lowercased().contains("expect"))
            #expect(try readAnswer(client).body == "ok")
        }
    }

    @Test func theResetKeyIsCutOutOfABody() async throws {
        try await withGateway { live in
            let client = try live.connect()
            let body = #"{"seed": 1, "rewardbridge": {"answer": "42"}, "x": 2}"#
            let cut = #"{"seed": 1, "x": 2}"#
            for path in ["/reset", "/web/reset", "/%72eset"] {
                try client.send("POST \(path) HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n")
                try client.send("10\r\n\(body.prefix(16))\r\n\(String(body.count - 16, radix: 16))\r\n")
                try client.send("\(body.dropFirst(16))\r\n0\r\n\r\n")
                let request = try answer(live, body: cut.utf8.count)
                #expect(request.hasSuffix("\r\n\r\n" + cut), "\(path)")
                #expect(request.lowercased().contains("content-length: \(cut.utf8.count)\r\n"))
                #expect(try readAnswer(client).body == "ok")
            }
        }
    }

    @Test(arguments: ["", "{", #"{"seed":1}"#, "[1]", #"{"x":{"rewardbridge":1}}"#])
    func aBodyWithoutTheKeyIsLeftAsItIs(_ body: String) async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("POST /reset HTTP/1.1\r\nHost: b\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            #expect(try answer(live, body: body.utf8.count).hasSuffix("\r\n\r\n" + body))
            #expect(try readAnswer(client).body == "ok")
        }
    }

    @Test func aResetLargerThanItsLimitIsRefusedWhileItIsStillSent() async throws {
        var setup = GatewaySetup()
        setup.limits.resetBodyMax = 1_000
        try await withGateway(setup) { live in
            let client = try live.connect()
            try client.send("POST /reset HTTP/1.1\r\nHost: b\r\nContent-Length: 4000000\r\n\r\n")
            try client.send([UInt8](repeating: 0x20, count: 4_000_000))
            #expect(try readAnswer(client).head.hasPrefix("HTTP/1.1 413"))
            #expect(try client.readToEnd().isEmpty)
        }
        try await withGateway(setup) { live in
            let client = try live.connect()
            let body = String(repeating: " ", count: 1_000)
            try client.send("POST /reset HTTP/1.1\r\nHost: b\r\nContent-Length: 1000\r\n\r\n\(body)")
            #expect(try answer(live, body: 1_000).hasSuffix(body))
            #expect(try readAnswer(client).body == "ok")
        }
    }

    @Test func aLargeRequestIsStreamedAndHeldBack() async throws {
        try await withGateway { live in
            let client = try live.connect()
            let size = 96 << 20
            try client.send("POST /upload HTTP/1.1\r\nHost: b\r\nContent-Length: \(size)\r\n\r\n")
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            let chunk = [UInt8](repeating: 0x61, count: 65_536)
            let sent = try client.fill(with: chunk, atMost: size / 2)
            var read = 0
            while read < sent { read += try upstream.read(min(65_536, sent - read)).count }
            #expect(client.takesMore(within: .seconds(10)))
            client.close()
            try upstream.awaitEnd()
        }
    }

    @Test func aLargeAnswerIsStreamedAndHeldBack() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("GET /large HTTP/1.1\r\nHost: b\r\n\r\n")
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            try upstream.send("HTTP/1.1 200 OK\r\nContent-Length: \(96 << 20)\r\n\r\n")
            let sent = try upstream.fill(with: [UInt8](repeating: 0x61, count: 65_536), atMost: 48 << 20)
            _ = try client.readHead()
            #expect(try client.read(sent).count == sent)
            #expect(upstream.takesMore(within: .seconds(10)))
        }
    }

    /// Each is small enough to come in one read, all of them together are not.
    @Test func theAnswersToAPipelineAreHeldBackToo() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send(String(repeating: "GET /a HTTP/1.1\r\nHost: b\r\n\r\n", count: 1_000))
            let body = String(repeating: "a", count: 50_000)
            var answered = 0
            while live.environment.hasCaller(within: .milliseconds(300)) {
                try answer(live, "HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n\(body)")
                answered += 1
                try #require(answered < 500, "the bridge takes without end")
            }
            for _ in 0..<answered { #expect(try readAnswer(client).body == body) }
            #expect(live.environment.hasCaller(within: .seconds(10)))
            client.reset()
        }
    }

    @Test func theLastAnswerArrivesWholeAtASlowReader() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send("GET /large HTTP/1.1\r\nHost: b\r\nConnection: close\r\n\r\n")
            let upstream = try live.environment.accept()
            _ = try upstream.readHead()
            let body = [UInt8](repeating: 0x61, count: 20_000_000)
            try upstream.send("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
            _ = try client.readHead()
            let early = try upstream.pump(body, into: client)
            upstream.close()
            #expect(try early.count + client.readToEnd().count == body.count)
        }
    }
}
