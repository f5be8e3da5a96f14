import AdapterSeam
import BridgeTesting
import NIOCore
import RewardModel
import Synchronization
import Testing

@testable import Gateway

@Suite("What the gateway holds", .serialized)
struct MemoryTests {
    private func request(_ name: String, bytes: Int) -> Frame {
        .client(.text, #"{"type":"\#(name)","data":{"x":"\#(String(repeating: "x", count: bytes))"}}"#)
    }

    /// What a rubric will see of a step waits with the environment's reply to it.
    @Test(arguments: ["step", "reset"])
    func requestsWithoutAReplyAreBoundedByTheBudget(_ name: String) async throws {
        var setup = GatewaySetup.scored
        setup.limits.memoryMax = 50_000
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.client.send(request(name, bytes: 30_000))
            _ = try session.environment.readFrame()
            try session.client.send(request(name, bytes: 30_000))
            #expect(try session.client.readFrame().code == 1013)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    @Test func aRequestGivesItsBytesBackWithItsReply() async throws {
        var setup = GatewaySetup.scored
        setup.limits.memoryMax = 50_000
        try await withGateway(setup) { live in
            let session = try live.openSession()
            for _ in 0..<5 {
                try session.client.send(request("reset", bytes: 30_000))
                _ = try session.environment.readFrame()
                try session.environment.send(.server(.text, Session.resetReply))
                #expect(try session.client.readFrame().text == Session.resetReply)
            }
            try session.close()
        }
    }

    /// One waits for its score, one for the state that its score needs.
    @Test(arguments: [OutcomeKind.overloaded, .needs])
    func aSessionThatIsClosedForItsBytesHoldsNoReplies(_ kind: OutcomeKind) async throws {
        var setup = GatewaySetup.scored
        setup.limits.memoryMax = 10_000
        setup.options.onFailed = .null
        if kind == .needs { setup.description?.needs = [.action, .state] }
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.reset()
            if kind == .needs {
                _ = try session.environment.readFrame()
                try session.environment.send(.server(.text, #"{"type":"state","data":{}}"#))
            }
            try session.step("held")
            try session.environment.send(.server(.ping, "answered"))
            #expect(try session.client.readFrame() == .server(.ping, "answered"))
            try session.client.send(request("state", bytes: 20_000).bytes.dropLast())
            #expect(try session.client.readFrame().text == Session.scored("held", "null"))
            #expect(try session.client.readFrame().code == 1013)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
            #expect(live.journal.outcomes.map(\.outcome.kind) == [kind])
        }
    }

    /// A reply that waits for the disk cannot be let go.
    @Test func aReplyThatTheBudgetCannotHoldStaysBehindTheOneBeforeIt() async throws {
        var setup = GatewaySetup.scored
        setup.limits.memoryMax = 10_000
        setup.limits.scoreMax = 5_000
        setup.options.durability = .reply
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            live.component.answer(0, .scored(1))
            try await live.journal.wait(forSyncs: 1)
            try session.client.send(.client(.text, #"{"type":"reset"}"#))
            _ = try session.environment.readFrame()
            let large = Frame.server(.text, Session.stepReply(String(repeating: "l", count: 50_000)))
            for start in stride(from: 0, to: large.bytes.count, by: 1_000) {
                try session.environment.send(large.bytes[start..<min(start + 1_000, large.bytes.count)])
            }
            #expect(!session.client.hasInput(within: .milliseconds(50)))
            live.journal.finishSyncs(.success(()))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            #expect(try session.client.readFrame() == large)
            try session.close()
        }
    }

    @Test func theBodiesOfResetsAreBoundedByTheBudget() async throws {
        var setup = GatewaySetup()
        setup.limits.memoryMax = 10_000
        try await withGateway(setup) { live in
            let head = "POST /reset HTTP/1.1\r\nHost: b\r\nContent-Length: 8000\r\n\r\n"
            let body = String(repeating: "b", count: 8_000)
            let first = try live.connect()
            try first.send(head + body.dropLast())
            try await live.until("the body is held") { live.gateway.shared.budget.bytesUsed == 7_999 }
            let second = try live.connect()
            try second.send(head + body)
            #expect(try second.readHead().hasPrefix("HTTP/1.1 503"))
            try first.send("b")
            #expect(try answer(live, body: 8_000).hasSuffix(body))
            #expect(try readAnswer(first).body == "ok")
            // One that is left in the middle gives its bytes back too; the gateway's end is the check.
            try first.send(head + body.dropLast())
            try await live.until("the body is held") { live.gateway.shared.budget.bytesUsed == 7_999 }
            first.close()
        }
    }

    /// Such as the rest of a body that is too large.
    @Test func whatComesBehindTheLastAnswerIsNotKept() async throws {
        var setup = GatewaySetup()
        setup.limits.resetBodyMax = 1_000
        try await withGateway(setup) { live in
            let client = try live.connect()
            try client.send("POST /reset HTTP/1.1\r\nHost: b\r\nContent-Length: 4000000\r\n\r\n")
            let bytes = Array(repeating: UInt8(ascii: "x"), count: 1_000_000)
            try client.send(bytes)
            #expect(try client.readHead().hasPrefix("HTTP/1.1 413"))
            try client.send(bytes)
            let front = try #require(live.gateway.shared.connections.state.withLock { $0.fronts.values.first })
            let kept = try await front.eventLoop.submit { front.value.backlog.count }.get()
            #expect(kept == 0)
        }
    }
}
