import BridgeTesting
import NIOHTTP1
import Testing

@testable import RemoteRuntime

@Suite("Clients that go away", .timeLimit(.minutes(2)))
struct VanishingTests {
    @Test(arguments: [FakeEndpoint.Act.hold, .stall])
    func theEndpointsCallEndsWithTheClient(_ act: FakeEndpoint.Act) async throws {
        try await withGate(GateSetup(), { _, _ in act }) { live in
            let client = try await live.connect()
            try await client.send(live.rawChat(#"{"model": "m"}"#))
            try await live.endpoint.calls.wait(for: "the call") { $0.count == 1 }
            try await client.close()
            try await live.endpoint.dropped.wait(for: "its end") { $0 == 1 }
            let record = try await live.journal.wait(for: 1)[0]
            #expect(record.status == nil)
            #expect(record.attempts == 1)
            #expect(record.model == "m")
        }
    }

    @Test func itsPlaceGoesToTheNext() async throws {
        try await withGate(GateSetup { $0.concurrency = 1 }, { number, _ in number == 0 ? .hold : .answer("done") }) {
            live in
            let client = try await live.connect()
            try await client.send(live.rawChat("{}"))
            try await live.endpoint.wait(forHeld: 1)
            async let next = live.chat("{}")
            try await client.close()
            #expect(try await next.body == "done")
        }
    }

    @Test func whoLeavesTheQueueIsNotSent() async throws {
        try await withGate(GateSetup { $0.concurrency = 1 }, { _, _ in .hold }) { live in
            async let first = live.chat("{}")
            try await live.endpoint.wait(forHeld: 1)
            let client = try await live.connect()
            try await client.send(live.rawChat("{}"))
            try await client.close()
            #expect(try await live.journal.wait(for: 1)[0].attempts == 0)
            live.endpoint.release(0, .answer("done"))
            #expect(try await first.body == "done")
            #expect(live.endpoint.calls.value.count == 1)
        }
    }

    @Test func halfARequestIsNoCall() async throws {
        try await withGate { live in
            let client = try await live.connect()
            try await client.send(String(live.rawChat("{\"model\": 1}").dropLast(3)))
            try await client.close()
            #expect(try await live.chat("{}").status == 200)
            #expect(live.endpoint.calls.value.count == 1)
        }
    }
}

@Suite("Stopping the gate", .timeLimit(.minutes(2)))
struct StopTests {
    @Test func openCallsAreAnsweredAndRecorded() async throws {
        let setup = GateSetup {
            $0.concurrency = 1
            $0.queueMax = 20
        }
        try await withGate(setup, { _, _ in .hold }) { live in
            try await withThrowingTaskGroup(of: LiveGate.Reply.self) { group in
                group.addTask { try await live.chat("{}") }
                try await live.endpoint.wait(forHeld: 1)
                for _ in 1...22 { group.addTask { try await live.chat("{}") } }
                // Two find no room, so that the others wait.
                for _ in 1...2 { #expect(try await group.next()?.status == 429) }
                await live.gate.stop()
                // All of it is over when the stop returns, and the place that came free went to nobody.
                let records = live.journal.calls.value
                #expect(records.map(\.status) == [429, 429] + Array(repeating: nil, count: 21))
                #expect(records.map(\.attempts).sorted() == Array(repeating: 0, count: 22) + [1])
                for _ in 1...21 {
                    let reply = try await group.next()
                    #expect(reply?.status == 503)
                    #expect(reply?.code == "stopping")
                    #expect(reply?.headers["x-should-retry"] == ["false"])
                }
            }
            try await live.endpoint.dropped.wait(for: "the end of the call") { $0 == 1 }
            #expect(live.endpoint.calls.value.count == 1)
        }
    }

    @Test func connectionsWithoutACallEnd() async throws {
        try await withGate { live in
            let half = try await live.connect()
            try await half.send(String(live.rawChat("{}", "expect: 100-continue\r\n").dropLast(2)))
            try await half.wait(for: "100 Continue")
            let idle = try await live.connect()
            try await idle.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            try await idle.wait(for: "not_found")
            await live.gate.stop()
            #expect(try await half.readToEnd().contains("HTTP/1.1 503"))
            #expect(try await !idle.readToEnd().contains("503"))
            await #expect(throws: (any Error).self) { try await live.connect() }
            #expect(live.journal.calls.value.isEmpty)
        }
    }

    @Test func aClientThatTakesNothingHoldsNothingUp() async throws {
        var setup = GateSetup { $0.bodyMax = 64 << 20 }
        setup.limits.closeTimeout = .milliseconds(100)
        try await withGate(setup, { _, _ in .answer(String(repeating: "x", count: 32 << 20)) }) { live in
            let client = try await live.connect()
            try await client.stopReading()
            try await client.send(live.rawChat("{}", "connection: close\r\n"))
            _ = try await live.journal.wait(for: 1)
            await live.gate.stop()
            try await client.close()
        }
    }

    @Test func stoppingTwiceOrUnstartedIsNothing() async throws {
        try await withGate { live in
            await live.gate.stop()
            await live.gate.stop()
        }
    }
}
