import AsyncHTTPClient
import BridgeTesting
import NIOCore
import NIOHTTP1
import Testing

@testable import RemoteRuntime

@Suite("Calls that are known", .timeLimit(.minutes(2)))
struct CachedCallTests {
    private let answer = #"{"choices": [1], "usage": {"prompt_tokens": 5, "completion_tokens": 2, "cost": 0.25}}"#

    @Test func theSameCallIsAnsweredWithTheSameBytes() async throws {
        let answer = answer
        try await withGate(
            GateSetup(),
            { _, _ in .answer(.ok, ["content-type": "x/y", "x-request-id": "r"], answer) }
        ) { live in
            let first = try await live.chat(#"{"model": "m", "seed": 1, "messages": ["a"]}"#)
            let second = try await live.chat(#"{ "messages":["a"], "seed":1, "model":"m" }"#)
            #expect(first.isCached == "false")
            #expect(second.isCached == "true")
            #expect(second.attempts == "0")
            #expect(second.body == answer)
            #expect(second.headers["content-type"] == ["x/y"])
            #expect(second.headers["x-request-id"] == ["r"])
            #expect(live.endpoint.calls.value.count == 1)
            let records = try await live.journal.wait(for: 2)
            #expect(records.map(\.isCached) == [false, true])
            #expect(records.map(\.status) == [200, 200])
            #expect(records.map(\.cost) == [0.25, nil])
            #expect(records.map(\.usage?.input) == [5, nil])
            #expect(records[0].promptHash == records[1].promptHash)
        }
    }

    @Test func aCallWithoutASeedIsKnownOnlyIfAlways() async throws {
        let body = #"{"temperature": 0.7}"#
        let answer = answer
        try await withGate(GateSetup(), { _, _ in .answer(answer) }) { live async throws in
            for _ in 1...2 { #expect(try await live.chat(body).isCached == "false") }
        }
        try await withGate(GateSetup { $0.cache = .always }, { _, _ in .answer(answer) }) { live async throws in
            #expect(try await live.chat(body).isCached == "false")
            #expect(try await live.chat(body).isCached == "true")
        }
        try await withGate(GateSetup { $0.cache = .off }, { _, _ in .answer(answer) }) { live async throws in
            for _ in 1...2 { #expect(try await live.chat(#"{"seed": 1}"#).isCached == "false") }
        }
    }

    @Test(arguments: [
        FakeEndpoint.Act.answer(.badRequest, "{}"), .answer(.created, "{}"), .answer("no JSON"), .answer("{\"a\": 1"),
        .answer(#"{"error": {"message": "overloaded"}}"#),
    ])
    func onlyWholeAnswersAreKept(_ act: FakeEndpoint.Act) async throws {
        try await withGate(GateSetup(), { _, _ in act }) { live async throws in
            for _ in 1...2 { #expect(try await live.chat(#"{"seed": 1}"#).isCached == "false") }
            #expect(live.endpoint.calls.value.count == 2)
        }
    }

    @Test func anAnswerAfterFurtherAttemptsIsKept() async throws {
        let answer = answer
        try await withGate(
            GateSetup(),
            { number, _ in number == 0 ? .answer(.badGateway, "{}") : .answer(answer) }
        ) { live async throws in
            #expect(try await live.chat(#"{"seed": 1}"#).attempts == "2")
            #expect(try await live.chat(#"{"seed": 1}"#).isCached == "true")
        }
    }

    @Test func aBodyThatIsNoJSONPassesUnknown() async throws {
        try await withGate(
            GateSetup { $0.cache = .always },
            { _, call in .answer(.badRequest, "not JSON: \(call.body)") }
        ) { live async throws in
            for body in ["{\"seed\": 1", "\u{1}", ""] {
                for _ in 1...2 { #expect(try await live.chat(body).body == "not JSON: \(body)") }
            }
            #expect(live.endpoint.calls.value.count == 6)
            #expect(try await live.journal.wait(for: 6).allSatisfy { $0.promptHash == nil && $0.status == 400 })
        }
    }

    @Test func aKnownCallNeedsNoPlace() async throws {
        let setup = GateSetup {
            $0.concurrency = 1
            $0.queueMax = 0
        }
        let answer = answer
        try await withGate(setup, { number, _ in number == 0 ? .answer(answer) : .hold }) { live in
            _ = try await live.chat(#"{"seed": 1}"#)
            async let other = live.chat(#"{"seed": 2}"#)
            try await live.endpoint.wait(forHeld: 1)
            #expect(try await live.chat(#"{"seed": 3}"#).status == 429)
            #expect(try await live.chat(#"{"seed": 1}"#).isCached == "true")
            live.endpoint.release(0, .answer("{}"))
            #expect(try await other.status == 200)
        }
    }

    @Test func theNumberOfAnswersIsBounded() async throws {
        let answer = answer
        try await withGate(GateSetup { $0.cacheEntriesMax = 2 }, { _, _ in .answer(answer) }) { live in
            for seed in [1, 2, 3] { _ = try await live.chat("{\"seed\": \(seed)}") }
            #expect(try await live.chat(#"{"seed": 1}"#).isCached == "false")
            #expect(try await live.chat(#"{"seed": 3}"#).isCached == "true")
        }
    }
}

@Suite("What the journal is told", .timeLimit(.minutes(2)))
struct JudgeJournalTests {
    @Test func aWholeCall() async throws {
        let answer = #"{"usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}}"#
        try await withGate(
            GateSetup(),
            { _, _ in .answer(.ok, ["x-litellm-response-cost": "0.5"], answer) }
        ) { live in
            let body = #"{"model": "m", "input": "x", "temperature": 0.5, "seed": 9}"#
            _ = try await live.send(.POST, "/responses", [:], .bytes(ByteBuffer(string: body)))
            let record = try await live.journal.wait(for: 1)[0]
            #expect(record.judge == "grader")
            #expect(record.route == "/responses")
            #expect(record.model == "m")
            #expect(record.temperature == 0.5)
            #expect(record.seed == 9)
            #expect(record.promptHash?.count == 64)
            #expect(record.status == 200)
            #expect(record.attempts == 1)
            #expect(!record.isCached)
            #expect(record.duration > .zero)
            #expect(record.usage == .init(input: 3, output: 4, total: 7))
            #expect(record.cost == 0.5)
        }
    }
}
