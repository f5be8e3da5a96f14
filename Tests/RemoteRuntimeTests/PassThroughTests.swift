import AsyncHTTPClient
import BridgeTesting
import NIOCore
import NIOHTTP1
import Testing

@testable import RemoteRuntime

@Suite("Calls that pass through the gate", .timeLimit(.minutes(2)))
struct PassThroughTests {
    @Test func theBodiesPassUnchanged() async throws {
        let body = "{ \"model\" :\"m\",  \"messages\": [],\n\"x\": 1e2, \"x\": \"\\u00e9 é\" } "
        let answer = "{ \"id\": 1.50,\t\"choices\": [ ] }\n"
        try await withGate(GateSetup(), { _, _ in .answer(answer) }) { live in
            let reply = try await live.chat(body)
            #expect(reply.status == 200)
            #expect(reply.body == answer)
            #expect(reply.isCached == "false")
            #expect(reply.attempts == "1")
            #expect(live.endpoint.calls.value.map(\.body) == [body])
            #expect(live.endpoint.calls.value.map(\.uri) == ["/v1/chat/completions"])
        }
    }

    @Test func ofTheHeadersOnlyThoseThatMatter() async throws {
        let answered: FakeEndpoint.Act = .answer(
            .ok,
            ["content-type": "text/plain", "x-request-id": "r", "set-cookie": "a=b", "server": "s"],
            "x"
        )
        try await withGate(GateSetup(), { _, _ in answered }) { live in
            let reply = try await live.chat(
                "{}",
                [
                    "authorization": "Bearer of-the-worker", "cookie": "c=d", "x-api-key": "k", "api-key": "k",
                    "content-type": "application/json", "accept": "application/json", "accept-encoding": "gzip",
                    "x-rewardbridge-deadline-ms": "20000",
                ]
            )
            let sent = try #require(live.endpoint.calls.value.first?.headers)
            #expect(sent["authorization"] == ["Bearer sk-0123456789abcdef"])
            #expect(sent["content-type"] == ["application/json"])
            #expect(sent["accept"] == ["application/json"])
            let known = ["authorization", "content-type", "accept", "host", "content-length", "user-agent"]
            #expect(Set(sent.map { $0.name.lowercased() }) == Set(known))
            #expect(reply.headers.first(name: "content-type") == "text/plain")
            #expect(reply.headers.first(name: "x-request-id") == "r")
            #expect(!reply.headers.contains(name: "set-cookie"))
            #expect(!reply.headers.contains(name: "server"))
        }
    }

    @Test func withoutAKeyThereIsNoAuthorization() async throws {
        try await withGate(GateSetup { $0.keyFrom = nil }) { live in
            _ = try await live.chat("{}", ["authorization": "Bearer of-the-worker"])
            #expect(live.endpoint.calls.value.first?.headers.contains(name: "authorization") == false)
        }
    }

    @Test(arguments: JudgeRoute.allCases)
    func everyRoute(_ route: JudgeRoute) async throws {
        try await withGate { live in
            let isPost = route.method == .POST
            let body: HTTPClientRequest.Body? = isPost ? .bytes(ByteBuffer(string: "{}")) : nil
            let reply = try await live.send(route.method, route.rawValue + "?a=b%20c", [:], body)
            #expect(reply.status == 200)
            let call = try #require(live.endpoint.calls.value.first)
            #expect(call.uri == "/v1" + route.rawValue + "?a=b%20c")
            #expect(call.method == route.method)
            #expect(call.body == (isPost ? "{}" : ""))
            // One connection serves calls one after the other.
            #expect(try await live.send(route.method, route.rawValue, [:], body).status == 200)
        }
    }

    @Test func anErrorThatIsTheClientsOwnPassesAtOnce() async throws {
        try await withGate(GateSetup(), { _, _ in .answer(.badRequest, "{\"error\": 1}") }) { live in
            let reply = try await live.chat("{\"seed\": 1}")
            #expect(reply.status == 400)
            #expect(reply.body == "{\"error\": 1}")
            #expect(reply.attempts == "1")
            #expect(!reply.headers.contains(name: "x-should-retry"))
        }
    }

    @Test func aRedirectIsNotFollowed() async throws {
        let elsewhere: FakeEndpoint.Act = .answer(.temporaryRedirect, ["location": "/v1/elsewhere"], "")
        try await withGate(GateSetup(), { _, _ in elsewhere }) { live in
            let reply = try await live.chat("{}")
            #expect(reply.status == 307)
            #expect(!reply.headers.contains(name: "location"))
            #expect(live.endpoint.calls.value.count == 1)
        }
    }

    @Test func whatIsStreamedComesInOnePieceAndIsNotKept() async throws {
        let events = "data: {\"a\": 1}\n\ndata: [DONE]\n\n"
        try await withGate(
            GateSetup { $0.cache = .always },
            { _, _ in .answer(.ok, ["content-type": "text/event-stream"], events) }
        ) { live in
            for _ in 1...2 {
                let reply = try await live.chat("{\"seed\": 1, \"stream\": true}")
                #expect(reply.body == events)
                #expect(reply.headers.first(name: "content-type") == "text/event-stream")
                #expect(reply.isCached == "false")
            }
        }
    }

    @Test func callsOnOneConnectionAreAnsweredInTheirOrder() async throws {
        try await withGate(GateSetup(), { number, call in .answer("\(number) \(call.body)") }) { live in
            let client = try await live.connect()
            try await client.send(live.rawChat("one") + live.rawChat("two") + live.rawChat("end"))
            let text = try await client.wait(for: "2 end")
            #expect(text.contains("0 one"))
            #expect(text.contains("1 two"))
            try await client.close()
        }
    }
}

@Suite("Who gets in", .timeLimit(.minutes(2)))
struct AdmissionTests {
    @Test func nothingIsFoundWithoutTheToken() async throws {
        try await withGate { live in
            let port = live.address.port
            let token = live.address.token
            #expect(token.utf8.count == 64)
            let wrong = String(token.dropLast()) + (token.hasSuffix("0") ? "1" : "0")
            let paths = [
                "", "grader/v1/models", "\(wrong)/grader/v1/models", "\(token.dropLast())/grader/v1/models",
                "\(token)/other/v1/models", "\(token)/v1/models", "\(token)", "/\(token)/grader/v1/models",
            ]
            for path in paths {
                let reply = try await live.request(.GET, "http://127.0.0.1:\(port)/\(path)")
                #expect(reply.status == 404)
                #expect(reply.code == "not_found")
            }
            #expect(live.endpoint.calls.value.isEmpty)
            #expect(live.journal.calls.value.isEmpty)
        }
    }

    @Test func otherRoutesAndMethodsAreRefused() async throws {
        try await withGate { live async throws in
            #expect(try await live.send(.GET, "/files").code == "unknown_route")
            #expect(try await live.send(.GET, "/chat/completions/").code == "unknown_route")
            #expect(try await live.send(.GET, "/models/../files").code == "unknown_route")
            #expect(try await live.send(.GET, "/chat/completions").status == 405)
            #expect(try await live.send(.POST, "/models").status == 405)
            #expect(live.endpoint.calls.value.isEmpty)
        }
    }

    @Test func connectionsAreCounted() async throws {
        var setup = GateSetup()
        setup.limits.connectionsMax = 2
        try await withGate(setup, { _, _ in .answer("answered") }) { live in
            let first = try await live.connect()
            let second = try await live.connect()
            for client in [first, second] {
                try await client.send(live.rawChat("{}"))
                try await client.wait(for: "answered")
            }
            #expect(try await live.connect().readToEnd() == "")
            try await first.close()
            // The place is free once the gate has seen the end.
            try await untilAnswered(live)
            try await second.close()
        }
    }

    private func untilAnswered(_ live: LiveGate) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let client = try await live.connect()
            try? await client.send(live.rawChat("{}"))
            if try await client.waitForEndOr("answered") { return try await client.close() }
        }
        Issue.record("no place came free")
    }

    @Test func aHeadThatIsTooLargeIsRefused() async throws {
        var setup = GateSetup()
        setup.limits.headerMax = 1024
        try await withGate(setup) { live in
            let client = try await live.connect()
            try await client.send(live.rawChat("{}", "x: \(String(repeating: "y", count: 2000))\r\n"))
            #expect(try await client.readToEnd().hasPrefix("HTTP/1.1 4"))
            #expect(live.endpoint.calls.value.isEmpty)
        }
    }

    @Test func aConnectionThatStandsStillIsClosed() async throws {
        var setup = GateSetup()
        setup.limits.keepAlive = .seconds(1)
        try await withGate(setup, { _, _ in .hold }) { live in
            let idle = try await live.connect()
            let half = try await live.connect(sending: "POST /")
            #expect(try await idle.readToEnd() == "")
            #expect(try await half.readToEnd() == "")
            // One that waits for its answer is not idle.
            let asking = try await live.connect(sending: live.rawChat("{}"))
            try await live.endpoint.wait(forHeld: 1)
            let other = try await live.connect()
            #expect(try await other.readToEnd() == "")
            live.endpoint.release(0, .answer("late"))
            try await asking.wait(for: "late")
        }
    }
}
