import AdapterSeam
import BridgeTesting
import JSONBytes
import RewardModel
import Testing

@testable import EmbeddedRuntime

@Suite("open calls")
struct OpenCallsTests {
    private let collector = AnswerCollector()

    @Test("a call is taken once, whoever comes first")
    func once() throws {
        let calls = OpenCalls(limit: 2)
        let first = try #require(calls.add([call(7, 0), call(8, 60)], of: 1, sink: collector))
        #expect(calls.begin(first))
        #expect(calls.takeExpired(at: .now).map(\.ticket) == [7])
        #expect(calls.take(first) == nil)
        #expect(!calls.begin(first))
        #expect(calls.take(first + 1)?.ticket == 8)
        #expect(calls.take(first + 1) == nil)
    }

    @Test("more than the limit are not taken in, and those that are answered make room")
    func limit() throws {
        let calls = OpenCalls(limit: 2)
        let first = try #require(calls.add([call(1, 5), call(2, 5)], of: 1, sink: collector))
        #expect(calls.add([call(3, 5)], of: 1, sink: collector) == nil)
        #expect(calls.take(first) != nil)
        #expect(calls.add([call(3, 5)], of: 1, sink: collector) != nil)
    }

    @Test("closing gives what is left, says what ran, and takes nothing in any more")
    func close() throws {
        let calls = OpenCalls(limit: 10)
        let first = try #require(calls.add([call(1, 5), call(2, 5)], of: 1, sink: collector))
        #expect(calls.begin(first))
        #expect(calls.close().map(\.isRunning) == [true, false])
        #expect(calls.isClosed)
        #expect(calls.add([call(3, 5)], of: 1, sink: collector) == nil)
    }

    private func call(_ ticket: UInt64, _ seconds: Int) -> ScoreCall {
        let episode = EpisodeKey(session: SessionID(high: 1, low: 1), number: 1)
        return ScoreCall(ticket: ticket, episode: episode, record: RawJSON("{}"), deadline: .now + .seconds(seconds))
    }
}
