import Testing

@testable import RemoteRuntime

@Suite("Limits of one endpoint")
struct CallLimiterTests {
    private let start = ContinuousClock.now

    private func limiter(_ concurrency: Int, perMinute: Int? = nil, queueMax: Int = 100) -> Line {
        Line(CallLimiter(concurrency: concurrency, perMinute: perMinute, queueMax: queueMax))
    }

    @Test func callsStartInTheirOrderAsPlacesComeFree() {
        let limiter = limiter(2)
        for ticket in 1...4 as ClosedRange<UInt64> { #expect(limiter.enter(ticket, at: start)) }
        #expect(limiter.start(at: start) == 1)
        #expect(limiter.start(at: start) == 2)
        #expect(limiter.start(at: start) == nil)
        limiter.leave(2)
        #expect(limiter.start(at: start) == 3)
        #expect(limiter.start(at: start) == nil)
        // A call that leaves the line frees no place.
        limiter.leave(4)
        #expect(limiter.enter(5, at: start))
        #expect(limiter.start(at: start) == nil)
        limiter.leave(1)
        #expect(limiter.start(at: start) == 5)
        #expect(limiter.nextStart == nil)
    }

    @Test func theLineHasAnEnd() {
        let limiter = limiter(1, queueMax: 2)
        #expect(limiter.enter(1, at: start))
        #expect(limiter.start(at: start) == 1)
        #expect(limiter.enter(2, at: start))
        #expect(limiter.enter(3, at: start))
        #expect(!limiter.enter(4, at: start))
        #expect(limiter.patience(at: start) == .seconds(1))
        limiter.leave(3)
        #expect(limiter.enter(5, at: start))
        #expect(!limiter.enter(6, at: start))
    }

    @Test func withoutALineACallStartsAtOnceOrNotAtAll() {
        let limiter = limiter(1, perMinute: 2, queueMax: 0)
        #expect(limiter.enter(1, at: start))
        #expect(limiter.start(at: start) == 1)
        #expect(!limiter.enter(2, at: start))
        limiter.leave(1)
        #expect(limiter.enter(3, at: start))
        #expect(limiter.start(at: start) == 3)
        limiter.leave(3)
        #expect(!limiter.enter(4, at: start + .seconds(20)))
        #expect(limiter.patience(at: start + .seconds(20)) == .seconds(40))
        #expect(limiter.enter(5, at: start + .seconds(60)))
    }

    @Test func theRateIsAWindowThatSlides() {
        let limiter = limiter(100, perMinute: 2)
        for ticket in 1...4 as ClosedRange<UInt64> { #expect(limiter.enter(ticket, at: start)) }
        #expect(limiter.start(at: start) == 1)
        #expect(limiter.start(at: start + .seconds(10)) == 2)
        #expect(limiter.nextStart == start + .seconds(60))
        #expect(limiter.start(at: start + .seconds(60) - .nanoseconds(1)) == nil)
        #expect(limiter.start(at: start + .seconds(60)) == 3)
        #expect(limiter.start(at: start + .seconds(60)) == nil)
        #expect(limiter.nextStart == start + .seconds(70))
        #expect(limiter.start(at: start + .seconds(70)) == 4)
        // Nobody waits.
        #expect(limiter.nextStart == nil)
    }

    @Test func anotherAttemptNeedsTheRateAloneAndGoesFirst() {
        let limiter = limiter(1, perMinute: 1)
        #expect(limiter.enter(1, at: start))
        #expect(limiter.enter(2, at: start))
        #expect(limiter.start(at: start) == 1)
        // The place is taken: only a call that has it waits for the rate.
        #expect(limiter.nextStart == nil)
        limiter.retry(1)
        #expect(limiter.start(at: start) == nil)
        #expect(limiter.nextStart == start + .seconds(60))
        #expect(limiter.start(at: start + .seconds(60)) == 1)
        limiter.leave(1)
        #expect(limiter.start(at: start + .seconds(120)) == 2)
    }

    @Test func aCallThatLeavesBeforeItsNextAttemptFreesItsPlace() {
        let limiter = limiter(1)
        #expect(limiter.enter(1, at: start))
        #expect(limiter.enter(2, at: start))
        #expect(limiter.start(at: start) == 1)
        limiter.retry(1)
        limiter.leave(1)
        #expect(limiter.start(at: start) == 2)
        #expect(limiter.start(at: start) == nil)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func whateverHappensNoLimitIsPassed(seed: UInt64) {
        var random = SplitMix(state: seed)
        let (concurrency, perMinute, queueMax) = (3, 5, 4)
        let limiter = limiter(concurrency, perMinute: perMinute, queueMax: queueMax)
        var now = start
        var (entered, running): (Set<UInt64>, Set<UInt64>) = ([], [])
        var starts: [ContinuousClock.Instant] = []
        for ticket in 1...400 as ClosedRange<UInt64> {
            now += .milliseconds(Int.random(in: 0...9000, using: &random))
            if limiter.enter(ticket, at: now) { entered.insert(ticket) }
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                if let done = running.randomElement(using: &random) { leave(done) }
            case 1:
                if let again = running.randomElement(using: &random) {
                    running.remove(again)
                    entered.insert(again)
                    limiter.retry(again)
                }
            case 2:
                if let gone = entered.randomElement(using: &random) { leave(gone) }
            default: break
            }
            while let started = limiter.start(at: now) {
                #expect(entered.remove(started) != nil)
                running.insert(started)
                starts.append(now)
            }
            #expect(running.count <= concurrency)
            #expect(entered.count <= queueMax + concurrency)
        }
        for (first, last) in zip(starts, starts.dropFirst(perMinute)) { #expect(last - first >= .seconds(60)) }
        #expect(starts.count > 100)

        func leave(_ ticket: UInt64) {
            limiter.leave(ticket)
            running.remove(ticket)
            entered.remove(ticket)
        }
    }
}

/// A limiter that can be changed inside of an expectation.
private final class Line {
    private var limiter: CallLimiter

    init(_ limiter: CallLimiter) {
        self.limiter = limiter
    }

    func enter(_ ticket: UInt64, at now: ContinuousClock.Instant) -> Bool { limiter.enter(ticket, at: now) }
    func start(at now: ContinuousClock.Instant) -> UInt64? { limiter.start(at: now) }
    func retry(_ ticket: UInt64) { limiter.retry(ticket) }
    func leave(_ ticket: UInt64) { limiter.leave(ticket) }
    func patience(at now: ContinuousClock.Instant) -> Duration { limiter.patience(at: now) }
    var nextStart: ContinuousClock.Instant? { limiter.nextStart }
}

/// Random numbers that a test can repeat (Steele, Lea and Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
