import BridgeTesting
import RewardModel
import Testing

@testable import Gateway

@Suite("Handshakes that are redirected", .serialized)
struct RedirectTests {
    /// Accepts a handshake and sends it elsewhere.
    /// - Returns: its head.
    @discardableResult
    private func redirect(_ environment: FakeEnvironment, to location: String) throws -> String {
        let upstream = try environment.accept()
        let head = try upstream.readHead()
        try upstream.send("HTTP/1.1 307 Moved\r\nLocation: \(location)\r\nContent-Length: 0\r\n\r\n")
        return head
    }

    /// A gateway whose environment may redirect handshakes to another server of the test's.
    private func withOther(
        _ body: (_ live: LiveGateway, _ other: FakeEnvironment, _ url: String) async throws -> Void
    ) async throws {
        let other = try FakeEnvironment()
        let url = "ws://127.0.0.1:\(other.port)"
        var setup = GatewaySetup()
        setup.redirectOrigins = [try EnvironmentURL(url)]
        try await withGateway(setup) { try await body($0, other, url) }
    }

    @Test func theServersThatAreAllowedAreFollowed() async throws {
        try await withOther { live, other, url in
            let client = try live.connect()
            try client.send(LiveGateway.handshake("/ws?x=1", headers: "X-Trace: t\r\n"))
            try redirect(live.environment, to: url + "/elsewhere/ws?y=2#part")
            let (upstream, head) = try other.acceptSession()
            #expect(head.hasPrefix("GET /elsewhere/ws?y=2 HTTP/1.1\r\n"))
            for line in [
                "host: 127.0.0.1:\(other.port)", "x-trace: t", "sec-websocket-key: dghlihnhbxbszsbub25jzq==",
            ] { #expect(head.lowercased().contains("\r\n\(line)\r\n"), "\(line)") }
            #expect(try client.readHead().hasPrefix("HTTP/1.1 101"))
            try Session(client: client, environment: upstream, request: head, response: "").close()
        }
    }

    @Test func credentialsStayWithTheEnvironmentsOwnServer() async throws {
        try await withOther { live, other, url in
            let client = try live.connect()
            let credentials = "Authorization: Bearer t\r\nCookie: a=b\r\nProxy-Authorization: Basic c\r\n"
            try client.send(LiveGateway.handshake(headers: credentials))
            let names = ["authorization: ", "cookie: ", "proxy-authorization: "]
            let first = try redirect(live.environment, to: url + "/ws").lowercased()
            let elsewhere = try redirect(other, to: "ws://127.0.0.1:\(live.environment.port)/ws").lowercased()
            let (upstream, head) = try live.environment.acceptSession()
            for name in names {
                #expect(first.contains("\r\n\(name)") && head.lowercased().contains("\r\n\(name)"), "\(name)")
                #expect(!elsewhere.contains(name), "\(name)")
            }
            _ = try client.readHead()
            try Session(client: client, environment: upstream, request: head, response: "").close()
        }
    }

    @Test func aPathAloneStaysOnTheServerThatNamesIt() async throws {
        try await withOther { live, other, url in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            try redirect(live.environment, to: url + "/ws")
            try redirect(other, to: "/second")
            let (upstream, head) = try other.acceptSession()
            #expect(head.hasPrefix("GET /second HTTP/1.1\r\n"))
            _ = try client.readHead()
            try Session(client: client, environment: upstream, request: head, response: "").close()
        }
    }

    @Test func aServerThatIsNotAllowedIsTheClientsToFollow() async throws {
        try await withOther { live, other, url in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            try redirect(live.environment, to: url + "/ws")
            let location = "wss://127.0.0.1:\(other.port)/ws"
            try redirect(other, to: location)
            let answer = try client.readTextToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 307 ") && answer.contains("Location: \(location)\r\n"))
            #expect(!other.hasCaller(within: .zero))
        }
    }

    @Test func redirectsInACircleEnd() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            for _ in 0...2 { try redirect(live.environment, to: "/ws") }
            #expect(try client.readTextToEnd().hasPrefix("HTTP/1.1 502"))
        }
    }

    @Test func redirectsInACircleOfServersEnd() async throws {
        try await withOther { live, other, url in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            try redirect(live.environment, to: url + "/ws")
            try redirect(other, to: "ws://127.0.0.1:\(live.environment.port)/ws")
            try redirect(live.environment, to: url + "/ws")
            #expect(try client.readTextToEnd().hasPrefix("HTTP/1.1 502"))
            #expect(!other.hasCaller(within: .zero))
        }
    }

    @Test func anAllowedServerThatIsNotThereIsABadGateway() async throws {
        try await withOther { live, other, url in
            other.close()
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            try redirect(live.environment, to: url + "/ws")
            #expect(try client.readTextToEnd().hasPrefix("HTTP/1.1 502"))
        }
    }
}
