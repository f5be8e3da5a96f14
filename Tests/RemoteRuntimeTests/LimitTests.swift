import BridgeTesting
import NIOHTTP1
import Testing

@testable import RemoteRuntime

@Suite("Limits of a judge at work", .timeLimit(.minutes(2)))
struct LimitTests {
    @Test func noMoreCallsAreOpenThanMay() async throws {
        try await withGate(GateSetup { $0.concurrency = 3 }, { _, _ in .hold }) { live in
            try await withThrowingTaskGroup(of: UInt.self) { group in
                for number in 0..<12 { group.addTask { try await live.chat("{\"n\": \(number)}").status } }
                for released in 0..<12 {
                    // Every place is taken as long as calls wait.
                    try await live.endpoint.wait(forHeld: min(released + 3, 12))
                    #expect(live.endpoint.calls.value.count <= released + 3)
                    live.endpoint.release(released, .answer("done"))
                }
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    @Test func aFullQueueSaysWhenToComeBack() async throws {
        let setup = GateSetup {
            $0.concurrency = 1
            $0.queueMax = 1
        }
        try await withGate(setup, { _, _ in .hold }) { live in
            async let first = live.chat("{}")
            try await live.endpoint.wait(forHeld: 1)
            try await withThrowingTaskGroup(of: LiveGate.Reply.self) { group in
                for _ in 1...5 { group.addTask { try await live.chat("{}") } }
                // One waits, whichever came first.
                for _ in 1...4 {
                    let refused = try #require(try await group.next())
                    #expect(refused.status == 429)
                    #expect(refused.code == "queue_full")
                    #expect(refused.headers["retry-after"] == ["1"])
                    #expect(refused.attempts == "0")
                    #expect(!refused.headers.contains(name: "x-should-retry"))
                }
                live.endpoint.release(0, .answer("1"))
                try await live.endpoint.wait(forHeld: 2)
                live.endpoint.release(1, .answer("2"))
                #expect(try await group.next()?.body == "2")
            }
            #expect(try await first.body == "1")
            #expect(live.endpoint.calls.value.count == 2)
        }
    }

    @Test func attemptsBeyondTheRateWait() async throws {
        let setup = GateSetup { $0.requestsPerMinute = 3 }
        let failed: FakeEndpoint.Act = .answer(.serviceUnavailable, "")
        try await withGate(setup, { number, _ in number == 0 ? failed : .answer("done") }) { live in
            // Two attempts, and one.
            #expect(try await live.chat("{}").attempts == "2")
            #expect(try await live.chat("{}").status == 200)
            let late = try await live.chat("{}", ["x-rewardbridge-deadline-ms": "100"])
            #expect(late.status == 504)
            #expect(late.attempts == "0")
            #expect(live.endpoint.calls.value.count == 3)
            let records = try await live.journal.wait(for: 3)
            #expect(records.map(\.attempts) == [2, 1, 0])
        }
    }

    @Test func whoLeavesTheQueueMakesRoom() async throws {
        let setup = GateSetup {
            $0.concurrency = 1
            $0.queueMax = 1
        }
        try await withGate(setup, { number, _ in number == 0 ? .hold : .answer("done") }) { live in
            async let first = live.chat("{}")
            try await live.endpoint.wait(forHeld: 1)
            #expect(try await live.chat("{}", ["x-rewardbridge-deadline-ms": "50"]).status == 504)
            #expect(try await live.chat("{}", ["x-rewardbridge-deadline-ms": "50"]).status == 504)
            async let third = live.chat("{}")
            live.endpoint.release(0, .answer("first"))
            #expect(try await [first.body, third.body] == ["first", "done"])
        }
    }
}

@Suite("Sizes at their limits", .timeLimit(.minutes(2)))
struct SizeTests {
    private let setup = GateSetup { $0.bodyMax = 100_000 }

    @Test func aRequestAtTheLimitPasses() async throws {
        try await withGate(setup) { live async throws in
            let body = String(repeating: "x", count: 100_000)
            #expect(try await live.chat(body).status == 200)
            #expect(live.endpoint.calls.value.first?.body == body)
        }
    }

    @Test func aRequestAboveIsRefusedAndTheConnectionGoesOn() async throws {
        try await withGate(setup, { _, _ in .answer("answered") }) { live in
            let reply = try await live.chat(String(repeating: "x", count: 100_001))
            #expect(reply.status == 413)
            #expect(reply.code == "request_too_large")
            let client = try await live.connect()
            let path = "/\(live.address.token)/grader/v1/chat/completions"
            try await client.send("POST \(path) HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in 1...20 { try await client.send("2710\r\n\(String(repeating: "y", count: 10_000))\r\n") }
            try await client.send("0\r\n\r\n" + live.rawChat("{}"))
            #expect(try await client.wait(for: "answered").hasPrefix("HTTP/1.1 413"))
            #expect(live.endpoint.calls.value.map(\.body) == ["{}"])
            try await client.close()
        }
    }

    @Test func whoAsksBeforeSendingIsToldAtOnce() async throws {
        try await withGate(setup, { _, _ in .answer("answered") }) { live in
            let expecting = live.rawChat("{}", "expect: 100-continue\r\n")
            let good = try await live.connect()
            try await good.send(String(expecting.dropLast(2)))
            try await good.wait(for: "HTTP/1.1 100 Continue\r\n\r\n")
            try await good.send("{}")
            try await good.wait(for: "answered")
            try await good.close()
            let bad = try await live.connect()
            try await bad.send(expecting.replacing("length: 2", with: "length: 100001").replacing("{}", with: ""))
            #expect(try await bad.readToEnd().hasPrefix("HTTP/1.1 413"))
        }
    }

    @Test func anAnswerAtTheLimitPassesAndOneAboveDoesNot() async throws {
        try await withGate(
            setup,
            { number, _ in .answer(String(repeating: "z", count: 100_000 + number)) }
        ) { live in
            #expect(try await live.chat("{}").body.utf8.count == 100_000)
            let reply = try await live.chat("{}")
            #expect(reply.status == 502)
            #expect(reply.code == "answer_too_large")
            #expect(reply.attempts == "1")
        }
    }
}
