import BridgeTesting
import NIOCore
import NIOHTTP1
import Testing

@testable import RemoteRuntime

@Suite("Endpoints that fail", .timeLimit(.minutes(2)))
struct FailureTests {
    @Test(arguments: [429, 500, 502, 503, 504])
    func aPassingFailureIsTriedAgain(_ status: Int) async throws {
        let failed: FakeEndpoint.Act = .answer(.init(statusCode: status), "failed")
        try await withGate(GateSetup(), { number, _ in number < 2 ? failed : .answer("done") }) { live in
            let reply = try await live.chat("{\"n\": 1}")
            #expect(reply.status == 200)
            #expect(reply.body == "done")
            #expect(reply.attempts == "3")
            #expect(live.endpoint.calls.value.map(\.body) == Array(repeating: "{\"n\": 1}", count: 3))
            let record = try await live.journal.wait(for: 1)[0]
            #expect(record.attempts == 3)
            #expect(record.status == 200)
        }
    }

    @Test func theLastAnswerPassesWithTheWordNotToTryAgain() async throws {
        try await withGate(
            GateSetup { $0.attempts = 3 },
            { number, _ in .answer(.serviceUnavailable, ["retry-after": "0"], "failed \(number)") }
        ) { live in
            let reply = try await live.chat("{}")
            #expect(reply.status == 503)
            #expect(reply.body == "failed 2")
            #expect(reply.attempts == "3")
            #expect(reply.headers["x-should-retry"] == ["false"])
            #expect(reply.headers["retry-after"] == ["0"])
            #expect(live.endpoint.calls.value.count == 3)
        }
    }

    @Test func whatTheEndpointAsksForIsHonoured() async throws {
        try await withGate(
            GateSetup(),
            { number, _ in number == 0 ? .answer(.tooManyRequests, ["retry-after-ms": "300"], "") : .answer("done") }
        ) { live async throws in
            #expect(try await live.chat("{}").body == "done")
            let times = live.endpoint.calls.value.map(\.arrival)
            #expect(times[1] - times[0] >= .milliseconds(300))
        }
    }

    @Test func nobodyWaitsForWhatComesTooLate() async throws {
        let later: FakeEndpoint.Act = .answer(.tooManyRequests, ["retry-after": "31"], "busy")
        try await withGate(GateSetup { $0.timeout = .seconds(30) }, { _, _ in later }) { live in
            let reply = try await live.chat("{}")
            #expect(reply.status == 429)
            #expect(reply.body == "busy")
            #expect(reply.headers["retry-after"] == ["31"])
            #expect(live.endpoint.calls.value.count == 1)
        }
    }

    @Test func aConnectionThatEndsWithoutAnAnswerIsTriedAgain() async throws {
        try await withGate(GateSetup(), { number, _ in number == 0 ? .close : .answer("done") }) { live in
            let reply = try await live.chat("{}")
            #expect(reply.body == "done")
            #expect(reply.attempts == "2")
        }
    }

    @Test func anAnswerThatIsCutShortIsNoAnswer() async throws {
        try await withGate(GateSetup(), { number, _ in number == 0 ? .hold : .answer("done") }) { live in
            async let reply = live.chat("{}")
            try await live.endpoint.wait(forHeld: 1)
            live.endpoint.release(0, .stall)
            live.endpoint.release(0, .close)
            #expect(try await reply.body == "done")
            #expect(try await reply.attempts == "2")
        }
    }

    @Test func anEndpointThatIsNotThereIsSaidToBe() async throws {
        var setup = GateSetup { $0.attempts = 2 }
        // Nothing listens on a port of this kind.
        setup.url = "http://127.0.0.1:1/v1"
        try await withGate(setup) { live in
            let reply = try await live.chat("{}")
            #expect(reply.status == 502)
            #expect(reply.code == "judge_unreachable")
            #expect(reply.attempts == "2")
            #expect(reply.headers["x-should-retry"] == ["false"])
        }
    }
}

@Suite("Calls whose time is up", .timeLimit(.minutes(2)))
struct DeadlineTests {
    @Test(arguments: [FakeEndpoint.Act.hold, .stall])
    func anEndpointThatHangsIsLeft(_ act: FakeEndpoint.Act) async throws {
        try await withGate(GateSetup(), { number, _ in number == 0 ? .answer("{}") : act }) { live in
            // The next call has a connection, so that it is with the endpoint before its time is up.
            #expect(try await live.chat("{}").status == 200)
            let start = ContinuousClock.now
            let reply = try await live.chat("{}", ["x-rewardbridge-deadline-ms": "3000"])
            #expect(reply.status == 504)
            #expect(reply.code == "deadline_exceeded")
            #expect(reply.attempts == "1")
            #expect(reply.headers["x-should-retry"] == ["false"])
            #expect(.now - start >= .seconds(3))
            #expect(.now - start < .seconds(20))
            try await live.endpoint.dropped.wait(for: "the end of the call") { $0 == 1 }
            #expect(try await live.journal.wait(for: 2)[1].status == 504)
        }
    }

    @Test func aCallMayOnlyShortenTheTime() async throws {
        try await withGate(GateSetup { $0.timeout = .milliseconds(200) }, { _, _ in .hold }) { live async throws in
            #expect(try await live.chat("{}", ["x-rewardbridge-deadline-ms": "2000000000"]).status == 504)
            #expect(try await live.chat("{}").status == 504)
        }
    }

    @Test func attemptsEndWithTheTime() async throws {
        let setup = GateSetup {
            $0.attempts = .max
            $0.timeout = .milliseconds(200)
        }
        try await withGate(setup, { _, _ in .answer(.internalServerError, "failed") }) { live in
            // Either an attempt was going on when the time was up, or none could begin any more.
            let reply = try await live.chat("{}")
            #expect([500, 504].contains(reply.status))
        }
    }

    @Test(arguments: ["0", "-1", "soon", "1.5", "", "99999999999"])
    func aTimeThatIsNoneIsRefused(_ text: String) async throws {
        try await withGate { live in
            let reply = try await live.chat("{}", ["x-rewardbridge-deadline-ms": text])
            #expect(reply.status == 400)
            #expect(reply.code == "bad_deadline")
            #expect(live.endpoint.calls.value.isEmpty)
        }
    }
}
