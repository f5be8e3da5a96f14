import NIOHTTP1
import RewardModel
import Testing

@testable import Gateway

@Suite("Headers between client and environment")
struct HeaderRulesTests {
    private static func match(_ url: String = "http://env:8000", _ target: String = "/step") throws -> RouteTable.Match
    {
        try #require(RouteTableTests.single(url).match(target))
    }

    private func request(_ headers: HTTPHeaders) throws -> HTTPHeaders {
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/step", headers: headers)
        return HeaderRules.request(head, to: try Self.match()).headers
    }

    @Test func whatIsNotOfTheHopPasses() throws {
        let headers = try request([
            "Host": "bridge", "Authorization": "Bearer x", "Cookie": "a=1", "X-Own": "1", "X-Own": "2",
            "Content-Length": "5", "Accept-Encoding": "gzip",
        ])
        #expect(headers["authorization"] == ["Bearer x"] && headers["cookie"] == ["a=1"])
        #expect(headers["x-own"] == ["1", "2"] && headers["content-length"] == ["5"])
        #expect(headers["accept-encoding"] == ["gzip"])
        #expect(headers["host"] == ["env:8000"] && headers["connection"] == ["close"])
    }

    @Test func theHopsHeadersAndTheBridgesOwnStayHere() throws {
        let headers = try request([
            "Connection": "keep-alive, x-private", "Keep-Alive": "timeout=5", "Proxy-Connection": "keep-alive",
            "TE": "trailers", "Trailer": "x", "Upgrade": "h2c", "X-Private": "1", "RewardBridge-Name": "run",
            "Sec-WebSocket-Extensions": "permessage-deflate",
        ])
        #expect(headers.map(\.name).sorted() == ["connection", "host"])
    }

    @Test(arguments: ["host", "Host, close", "HOST,,connection", " host ,\thost"])
    func namingHostDoesNotTakeItAway(_ list: String) throws {
        let headers = try request(["Host": "bridge", "Connection": list])
        #expect(headers["host"] == ["env:8000"] && headers["connection"] == ["close"])
    }

    /// Framing must not be up to the client: the encoder chunks a body that has no length.
    @Test(arguments: ["content-length", "transfer-encoding", "Content-Length, Transfer-Encoding"])
    func namingTheFramingLeavesTheBodyFramed(_ list: String) throws {
        let chunked = try request(["Transfer-Encoding": "chunked", "Connection": list])
        #expect(chunked["transfer-encoding"] == ["chunked"])
        let measured = try request(["Content-Length": "5", "Connection": list])
        #expect(measured["transfer-encoding"].isEmpty)
        #expect(measured["content-length"].count <= 1)
    }

    @Test(arguments: [
        ("websocket", "Upgrade", true), ("WebSocket", "keep-alive, UPGRADE", true), ("h2c, websocket", "upgrade", true),
        ("h2c", "upgrade", false), ("websocket", "keep-alive", false), ("websockets", "upgrade", false),
        ("websocket", "", false), ("", "upgrade", false),
    ])
    func aHandshakeIsToldByBothLists(_ upgrade: String, _ connection: String, _ isHandshake: Bool) {
        let headers: HTTPHeaders = ["Upgrade": upgrade, "Connection": connection]
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ws", headers: headers)
        #expect(HeaderRules.isWebSocket(head) == isHandshake)
    }

    @Test(arguments: [(HTTPMethod.POST, HTTPVersion.http1_1), (.HEAD, .http1_1), (.GET, .http1_0)])
    func onlyAGetOfHTTP11IsAHandshake(_ method: HTTPMethod, _ version: HTTPVersion) {
        let headers: HTTPHeaders = ["Upgrade": "websocket", "Connection": "upgrade"]
        let head = HTTPRequestHead(version: version, method: method, uri: "/ws", headers: headers)
        #expect(!HeaderRules.isWebSocket(head))
    }

    @Test func aHandshakeKeepsItsKeyAndOffersNoCompression() throws {
        let headers: HTTPHeaders = [
            "Host": "bridge", "Upgrade": "h2c, websocket", "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": "k",
            "Sec-WebSocket-Version": "13", "Sec-WebSocket-Extensions": "permessage-deflate",
            "Sec-WebSocket-Protocol": "a, b", "Origin": "http://x",
        ]
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/ws", headers: headers)
        let sent = HeaderRules.request(head, to: try Self.match())
        #expect(sent.headers["upgrade"] == ["websocket"] && sent.headers["connection"] == ["Upgrade"])
        #expect(sent.headers["sec-websocket-key"] == ["k"] && sent.headers["sec-websocket-protocol"] == ["a, b"])
        #expect(sent.headers["sec-websocket-extensions"].isEmpty && sent.headers["origin"] == ["http://x"])
    }

    @Test func anAnswerLosesItsHopsHeaders() throws {
        let headers: HTTPHeaders = [
            "Connection": "close, x-hop", "Keep-Alive": "5", "X-Hop": "1", "Server": "uvicorn", "Set-Cookie": "a",
            "Set-Cookie": "b", "Content-Length": "3",
        ]
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        let passed = HeaderRules.response(head, of: try Self.match()).headers
        #expect(passed.map(\.name).sorted() == ["Content-Length", "Server", "Set-Cookie", "Set-Cookie"])
    }

    @Test func theAnswerToAHandshakeIsWhole() throws {
        let headers: HTTPHeaders = ["Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Accept": "a"]
        let head = HTTPResponseHead(version: .http1_1, status: .switchingProtocols, headers: headers)
        #expect(HeaderRules.response(head, of: try Self.match()).headers.count == 3)
    }

    @Test(arguments: [
        ("/web/", "/web/"), ("http://env:8000/web/?a=b#c", "/web/?a=b#c"), ("HTTP://ENV:8000", "/"),
        ("ws://env:8000/ws", "/ws"), ("http://env:8000?x=1", "/?x=1"), ("http://env:8000#top", "/#top"),
        // Elsewhere: another scheme, host, port, or no URL at all.
        ("https://env:8000/web/", "https://env:8000/web/"), ("http://env/web/", "http://env/web/"),
        ("http://other:8000/", "http://other:8000/"), ("//other/web/", "//other/web/"), ("web/", "web/"), ("", ""),
        ("http://env:8000@other/", "http://env:8000@other/"),
    ])
    func aPlaceOnTheEnvironmentsServerIsMapped(_ location: String, _ mapped: String) throws {
        #expect(HeaderRules.mapped(location, try Self.match()) == mapped)
    }

    @Test(arguments: [
        ("/envs/chess/web/", "/chess/as/run/web/"), ("http://env:8000/envs/chess", "/chess/as/run/"),
        ("/envs/chess?x=1", "/chess/as/run/?x=1"),
        // On the same server, and not of this environment.
        ("/envs/chess2/web/", "/envs/chess2/web/"), ("http://env:8000/other", "http://env:8000/other"),
    ])
    func aMappedPlaceKeepsTheBridgesPrefix(_ location: String, _ mapped: String) throws {
        let routes = RouteTable([try RouteTableTests.environment("chess", "http://env:8000/envs/chess")])
        let match = try #require(routes.match("/chess/as/run/web"))
        #expect(HeaderRules.mapped(location, match) == mapped)
    }
}
