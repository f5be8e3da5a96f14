import NIOHTTP1
import Testing

@testable import RemoteRuntime

@Suite("When to try again")
struct RetryScheduleTests {
    private let schedule = RetrySchedule(attempts: 5, first: .seconds(1), most: .seconds(5))

    private func pause(after attempt: Int, asked: Duration? = nil, jitter: Double = 0, left: Int = 100) -> Duration? {
        schedule.pause(after: attempt, asked: asked, jitter: jitter, left: .seconds(left))
    }

    @Test func pausesDoubleUpToTheMost() {
        #expect((1...4).map { pause(after: $0) } == [0.5, 1, 2, 2.5].map { .seconds($0) })
        #expect(pause(after: 5) == nil)
    }

    @Test func jitterReachesFromHalfOfAPauseToTheWhole() {
        #expect(pause(after: 2, jitter: 0.5) == .seconds(1.5))
        #expect(pause(after: 3, jitter: 0.75) == .seconds(3.5))
    }

    @Test func whatIsAskedForIsNeverUndercut() {
        #expect(pause(after: 1, asked: .seconds(7)) == .seconds(7))
        #expect(pause(after: 4, asked: .seconds(1)) == .seconds(2.5))
        #expect(pause(after: 5, asked: .seconds(1)) == nil)
    }

    @Test func noAttemptBeginsAtTheDeadline() {
        #expect(pause(after: 1, asked: .seconds(7), left: 8) == .seconds(7))
        #expect(pause(after: 1, asked: .seconds(7), left: 7) == nil)
        #expect(pause(after: 1, left: 0) == nil)
    }

    @Test func manyAttemptsOverflowNothing() {
        let schedule = RetrySchedule(attempts: .max, first: .seconds(1), most: .seconds(1 << 40))
        let pause = schedule.pause(after: 100_000, asked: nil, jitter: 0, left: .seconds(Int64.max / 4))
        #expect(pause == .seconds(1 << 39))
    }
}

@Suite("What an endpoint asks for")
struct RetryAfterTests {
    /// 1994-11-06T08:49:37Z.
    private let now = 784_111_777

    private func read(_ headers: HTTPHeaders) -> Duration? { RetryAfter.read(headers, now: now) }

    @Test(arguments: [("3", 3), ("0.25", 0.25), ("0", 0), ("-5", 0), ("1e300", 86_400), ("inf", 86_400)])
    func seconds(_ text: String, _ seconds: Double) {
        #expect(read(["Retry-After": text]) == .seconds(seconds))
    }

    @Test func millisecondsComeFirst() {
        #expect(read(["retry-after": "2", "retry-after-ms": "1500"]) == .seconds(1.5))
        #expect(read(["retry-after": "2", "retry-after-ms": "soon"]) == .seconds(2))
    }

    @Test func aDate() {
        #expect(read(["retry-after": "Sun, 06 Nov 1994 08:50:07 GMT"]) == .seconds(30))
        #expect(read(["retry-after": "Sun, 06 Nov 1994 08:00:00 GMT"]) == .zero)
        #expect(read(["retry-after": "Mon, 01 Jan 2096 00:00:00 GMT"]) == .seconds(86_400))
    }

    @Test(arguments: ["", "soon", "nan", "Sun, 06 Nov 1994", "Sun, 06 Mon 1994 08:50:07 GMT", "x, y z 1 2:3:4 GMT"])
    func anythingElseIsNoWish(_ text: String) {
        #expect(read(["retry-after": text]) == nil)
    }

    @Test func noHeader() {
        #expect(read([:]) == nil)
    }
}
