import AdapterSeam
import BridgeTesting
import JSONBytes
import Logging
import RewardModel
import Scoring
import Testing

@Suite("component that moves when its first place is lost")
struct MovableComponentTests {
    private let first = HeldComponent(.steps(stateful: true))
    private let second = HeldComponent(.steps(stateful: true))
    private let collector = AnswerCollector()
    private let lost = Outcome.failed(.wedged)

    private func component() -> MovableComponent {
        MovableComponent(first, thenIn: .worker, logger: Logger(label: "test")) { [second] in second }
    }

    @Test("answers of the first place are passed on, failures too")
    func passes() async throws {
        let component = component()
        component.score([call(1), call(2)], into: collector)
        first.answer(0, .scored(1))
        first.answer(1, .failed(.exception))
        try await collector.wait(for: 2)
        #expect(collector.outcomes == [1: .scored(1), 2: .failed(.exception)])
        #expect(second.calls.isEmpty)
    }

    @Test("a call that the first place never ran is scored in the second, and says so")
    func moves() async throws {
        let component = component()
        component.score([call(1), call(2)], into: collector)
        first.answer(0, .failed(.timeout))
        first.answer(1, lost)
        try await second.wait(forCalls: 1)
        second.answer(0, .scored(2))
        try await collector.wait(for: 2)
        #expect(collector.outcomes == [1: .failed(.timeout), 2: .scored(2)])
        let labels = collector.answers.map { $0.result.labels?.text }
        #expect(labels == [nil, #"{"placement":"worker"}"#])

        component.score([call(3)], into: collector)
        try await second.wait(forCalls: 2)
        #expect(first.calls.count == 2)
    }

    @Test("episodes that were open at the loss lose their state; later ones have it")
    func losesOpenEpisodes() async throws {
        let component = component()
        component.open(episode(1))
        component.score([call(1, in: 1)], into: collector)
        first.answer(0, lost)
        component.open(episode(2))
        component.score([call(2, in: 2)], into: collector)
        try await second.wait(forCalls: 1)
        second.answer(0, .scored(2))
        try await collector.wait(for: 2)
        #expect(collector.outcomes[1]?.kind == .stateLost)
        #expect(collector.outcomes[2] == .scored(2))
        component.close(episode(1))
        component.close(episode(2))
        try await second.wait(forEvents: 4)
        #expect(second.events == ["open 2", "score 2", "close 1", "close 2"])
    }

    @Test("requests that come while the second place loads keep their order")
    func keepsOrder() async throws {
        let gate = Gate()
        let component = MovableComponent(first, thenIn: .worker, logger: Logger(label: "test")) { [second] in
            await gate.wait()
            return second
        }
        component.score([call(1)], into: collector)
        first.answer(0, lost)
        for number in 2...9 { component.score([call(UInt64(number), in: number)], into: collector) }
        gate.open()
        try await second.wait(forCalls: 9)
        #expect(second.calls.map(\.ticket) == Array(1...9))
    }

    @Test("what cannot be moved fails with a kind, now and later")
    func nowhere() async throws {
        let component = MovableComponent(first, thenIn: .worker, logger: Logger(label: "test")) {
            throw BridgeError(.worker, "could not load it")
        }
        component.score([call(1)], into: collector)
        first.answer(0, lost)
        try await collector.wait(for: 1)
        component.score([call(2)], into: collector)
        try await collector.wait(for: 2)
        #expect(collector.answers.map(\.result.outcome.kind) == [.unavailable, .unavailable])
    }

    @Test("retiring in the midst of a move answers what waits")
    func retires() async throws {
        let component = MovableComponent(first, thenIn: .worker, logger: Logger(label: "test")) {
            try await Task.sleep(for: .seconds(600))
            throw CancellationError()
        }
        component.score([call(1)], into: collector)
        first.answer(0, lost)
        await component.retire()
        try await collector.wait(for: 1)
        #expect(collector.outcomes[1]?.kind == .unavailable)
    }

    private func episode(_ number: Int) -> EpisodeKey {
        EpisodeKey(session: SessionID(high: 1, low: 1), number: number)
    }

    private func call(_ ticket: UInt64, in number: Int = 9) -> ScoreCall {
        ScoreCall(ticket: ticket, episode: episode(number), record: RawJSON("{}"), deadline: .now + .seconds(60))
    }
}

/// Opens once.
private final class Gate: Sendable {
    private let stream = AsyncStream.makeStream(of: Void.self)

    func open() { stream.continuation.finish() }

    func wait() async {
        for await _ in stream.stream {}
    }
}
