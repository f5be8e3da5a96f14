import BridgeTesting
import RewardModel
import Testing

@testable import Gateway

@Suite("A relay with nothing attached", .serialized)
struct TransparentRelayTests {
    @Test func theHandshakeIsTheClientsOwn() async throws {
        try await withGateway { live in
            let session = try live.openSession(
                "/ws?session_id=&x=%20y",
                headers:
                    "Authorization: Bearer t\r\nSec-WebSocket-Extensions: permessage-deflate\r\nOrigin: http://o\r\n"
            )
            #expect(session.request.hasPrefix("GET /ws?session_id=&x=%20y HTTP/1.1\r\n"))
            let request = session.request.lowercased()
            for line in [
                "host: 127.0.0.1:\(live.environment.port)", "authorization: bearer t", "origin: http://o",
                "upgrade: websocket", "connection: upgrade", "sec-websocket-key: dghlihnhbxbszsbub25jzq==",
            ] { #expect(request.contains("\r\n\(line)\r\n"), "\(line)") }
            #expect(!request.contains("extensions"))
            #expect(session.response.hasPrefix("HTTP/1.1 101 "))
            #expect(session.response.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            #expect(session.response.lowercased().contains("\r\nrewardbridge-session: "))
            try session.close()
        }
    }

    @Test func framesPassByteForByte() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let requests: [Frame] = [
                .client(.text, Session.step("é \u{2028}")), Frame(.binary, [0, 255, 128], mask: [1, 2, 3, 4]),
                .client(.text, "not JSON"), .client(.text, ""), .client(.ping, "from client"), .client(.pong, ""),
                .client(.text, #"{"type":"step","data":{"x":NaN}}"#),
                Frame(.text, Array(repeating: 0x61, count: 200_000), mask: [0, 0, 0, 0]),
            ]
            let replies: [Frame] = [
                .server(.text, Session.stepReply("é")), Frame(.binary, [1, 2]), .server(.text, "{"), .server(.text, ""),
                .server(.ping, "from environment"), .server(.pong, "x"),
                .server(.text, Session.stepReply(String(repeating: "b", count: 300_000))),
            ]
            for frame in requests { try session.client.send(frame) }
            #expect(try session.environment.read(requests.byteCount) == requests.flatMap(\.bytes))
            for frame in replies { try session.environment.send(frame) }
            #expect(try session.client.read(replies.byteCount) == replies.flatMap(\.bytes))
            try session.close()
        }
    }

    @Test func framesPassWhenTheyComeByteByByte() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let request = Frame.client(.text, Session.step("drip"))
            for byte in request.bytes { try session.client.send([byte]) }
            #expect(try session.environment.read(request.bytes.count) == request.bytes)
            let reply = Frame.server(.text, Session.stepReply("drip"))
            // The header goes on when it is whole, the payload as it comes.
            try session.environment.send(reply.bytes.prefix(2))
            #expect(try session.client.read(2) == Array(reply.bytes.prefix(2)))
            for byte in reply.bytes.dropFirst(2) {
                try session.environment.send([byte])
                #expect(try session.client.read(1) == [byte])
            }
            try session.close()
        }
    }

    @Test func fragmentsStayFragmentsWithPingsBetween() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let first = Frame.client(.text, #"{"type": "st"#, isFinal: false)
            let ping = Frame.client(.ping, "?")
            let last = Frame(.continuation, Array(#"ep", "data": {}}"#.utf8), mask: [7, 7, 7, 7])
            try session.client.send(first, ping)
            // The ping goes ahead of a message that is not all there.
            #expect(try session.environment.readFrame() == ping)
            try session.environment.send(.server(.pong, "?"))
            #expect(try session.client.readFrame() == .server(.pong, "?"))
            try session.client.send(last)
            #expect(try session.environment.readFrame() == first)
            #expect(try session.environment.readFrame() == last)
            let reply: [Frame] = [
                .server(.text, "{", isFinal: false), .server(.ping, "!"), .server(.continuation, "", isFinal: false),
                .server(.continuation, "}"),
            ]
            for frame in reply { try session.environment.send(frame) }
            #expect(try session.client.read(reply.byteCount) == reply.flatMap(\.bytes))
            try session.close()
        }
    }

    @Test(arguments: [(1000, ""), (1001, "going"), (4000, "own é"), (1012, "restart")])
    func closeCodesAndReasonsPassBothWays(_ code: Int, _ reason: String) async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let fromClient = Frame.close(code, reason, masked: true)
            try session.client.send(fromClient)
            #expect(try session.environment.readFrame() == fromClient)
            let answer = Frame.close(code, "bye", masked: false)
            try session.environment.send(answer)
            #expect(try session.client.readFrame() == answer)
            // The client's connection ends after the environment's, and not before.
            #expect(!session.client.hasInput(within: .milliseconds(50)))
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
        try await withGateway { live in
            let session = try live.openSession()
            try session.environment.send(.close(code, reason, masked: false))
            #expect(try session.client.readFrame() == .close(code, reason, masked: false))
            try session.client.send(.close(code, masked: true))
            #expect(try session.environment.readFrame().code == code)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    @Test func anEmptyCloseFrameIsRelayedEmpty() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            try session.client.send(.client(.close, ""))
            #expect(try session.environment.readFrame() == .client(.close, ""))
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    @Test func aClientThatEndsItsSideStillGetsReplies() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let request = Frame.client(.text, Session.step("last"))
            try session.client.send(request)
            session.client.shutdownOutput()
            #expect(try session.environment.readToEnd() == request.bytes)
            let reply = Frame.server(.text, Session.stepReply("last"))
            try session.environment.send(reply)
            session.environment.close()
            #expect(try session.client.readToEnd() == reply.bytes)
        }
    }

    @Test func anEnvironmentThatEndsItsSideStillGetsRequests() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            try session.environment.send(.close(1001, masked: false))
            session.environment.shutdownOutput()
            #expect(try session.client.readToEnd() == Frame.close(1001, masked: false).bytes)
            try session.client.send(.close(1001, masked: true))
            session.client.close()
            #expect(try session.environment.readToEnd() == Frame.close(1001, masked: true).bytes)
        }
    }

    @Test func everythingArrivesAtASlowReaderOfAnEnvironmentThatIsGone() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            let (environment, _) = try live.environment.acceptSession()
            _ = try client.readHead()
            let reply = Array(repeating: Frame(.binary, Array(repeating: 7, count: 4_000_000)).bytes, count: 5).flatMap
            { $0 }
            let early = try environment.pump(reply, into: client)
            environment.close()
            #expect(try early + client.readToEnd() == reply)
        }
    }

    @Test func requestsReachAnEnvironmentThoughTheClientIsGone() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let request = Frame(.binary, Array(repeating: 7, count: 1_000_000), mask: [0, 0, 0, 0])
            for _ in 0..<3 { try session.client.send(request) }
            session.client.close()
            #expect(try session.environment.readToEnd() == request.bytes + request.bytes + request.bytes)
        }
    }

    @Test func aClientThatDoesNotReadHoldsTheEnvironmentBack() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let chunk = Frame(.binary, Array(repeating: 1, count: 65_000)).bytes
            let sent = try session.environment.fill(with: chunk, atMost: 64 << 20)
            var read = 0
            while read < sent { read += try session.client.read(min(sent - read, 65_536)).count }
            // What was cut in the middle goes on where it stopped.
            let rest = Array(chunk[(sent % chunk.count)...])
            try session.environment.send(rest)
            #expect(try session.client.read(rest.count) == rest)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    @Test func bytesBehindTheHandshakeWaitForIt() async throws {
        try await withGateway { live in
            let client = try live.connect()
            let early = Frame.client(.text, Session.step("early"))
            try client.send(Array(LiveGateway.handshake().utf8) + early.bytes)
            let environment = try live.environment.accept()
            _ = try environment.readHead()
            #expect(!environment.hasInput(within: .milliseconds(50)))
            try environment.send(FakeEnvironment.switching)
            #expect(try environment.readFrame() == early)
            _ = try client.readHead()
            try client.send(early)
            #expect(try environment.readFrame() == early)
            environment.close()
            #expect(try client.readToEnd().isEmpty)
        }
    }

    @Test func aFloodBeforeTheHandshakesEndIsNotTaken() async throws {
        try await withGateway { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            let environment = try live.environment.accept()
            _ = try environment.readHead()
            let frame = Frame(.binary, Array(repeating: 1, count: 60_000), mask: [0, 0, 0, 0]).bytes
            let sent = try client.fill(with: frame, atMost: 32 << 20)
            try environment.send(FakeEnvironment.switching)
            var read = 0
            while read < sent { read += try environment.read(min(sent - read, 65_536)).count }
            client.reset()
        }
    }

    @Test(arguments: [false, true])
    func anUnaskedErrorAndACloseInOnePieceWithThe101(_ isScored: Bool) async throws {
        try await withGateway(isScored ? .scored : GatewaySetup()) { live in
            let client = try live.connect()
            try client.send(LiveGateway.handshake())
            let environment = try live.environment.accept()
            _ = try environment.readHead()
            let error = Frame.server(.text, #"{"type":"error","data":{"message":"full","code":"CAPACITY_REACHED"}}"#)
            let close = Frame.close(1000, masked: false)
            try environment.send(Array(FakeEnvironment.switching.utf8) + error.bytes + close.bytes)
            environment.close()
            #expect(try client.readHead().hasPrefix("HTTP/1.1 101"))
            #expect(try client.readToEnd() == error.bytes + close.bytes)
            #expect(live.gateway.counters.desynchronised == 0)
        }
    }

    @Test(arguments: ["/mcp", "/harness", "/ws/ui"])
    func otherSocketsPassUnasked(_ path: String) async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession(path)
            let started = Frame.server(.text, #"{"type":"session_started","data":{}}"#)
            try session.environment.send(started, .server(.text, Session.stepReply("not looked at")))
            #expect(try session.client.readFrame() == started)
            #expect(try session.client.readFrame().text == Session.stepReply("not looked at"))
            let reset = Frame.client(.text, #"{"type":"reset","data":{"rewardbridge":{"nonsense":1}}}"#)
            try session.client.send(reset)
            #expect(try session.environment.readFrame() == reset)
            try session.close()
            #expect(live.journal.entries.isEmpty)
        }
    }

    @Test func twoHundredRequestsAtOncePassALimitOfEight() async throws {
        var setup = GatewaySetup()
        setup.limits.inFlight = 8
        try await withGateway(setup) { live in
            try pipeline(200, through: try live.openSession(), limit: 8)
        }
    }

    /// The client ends its side with most of its requests still waiting for room.
    @Test func aPipelineBehindWhichTheClientEndsItsSideIsServedWhole() async throws {
        var setup = GatewaySetup()
        setup.limits.inFlight = 2
        try await withGateway(setup) { live in
            let session = try live.openSession()
            let requests = (0..<20).map { Frame.client(.text, Session.step("\($0)")) }
            try session.client.send(requests.flatMap(\.bytes))
            session.client.shutdownOutput()
            for request in requests {
                #expect(try session.environment.readFrame() == request)
                try session.environment.send(.server(.text, Session.stepReply("r")))
            }
            #expect(try session.environment.readToEnd().isEmpty)
            session.environment.close()
            #expect(
                try session.client.readToEnd().count == 20 * Frame.server(.text, Session.stepReply("r")).bytes.count
            )
        }
    }

    @Test func theSessionIsInTheJournalOnce() async throws {
        try await withGateway { live in
            try live.openSession().close()
            let entries = try await live.journal.wait(for: "the session's end") { $0.sessionEnds > 0 }
            #expect(entries.count == 2)
        }
    }
}

/// Sends requests at once, and checks that the environment gets no more than the limit before it answers.
func pipeline(_ count: Int, through session: Session, limit: Int) throws {
    let requests = (0..<count).map { Frame.client(.text, Session.step("\($0)")) }
    try session.client.send(requests.flatMap(\.bytes))
    for index in 0..<limit { #expect(try session.environment.readFrame() == requests[index]) }
    #expect(!session.environment.hasInput(within: .milliseconds(100)))
    for index in 0..<count {
        try session.environment.send(.server(.text, Session.stepReply("\(index)")))
        if index + limit < count { #expect(try session.environment.readFrame() == requests[index + limit]) }
    }
    for index in 0..<count { #expect(try session.client.readFrame().text == Session.stepReply("\(index)")) }
    try session.close()
}

extension [Frame] {
    var byteCount: Int { reduce(0) { $0 + $1.bytes.count } }
}
