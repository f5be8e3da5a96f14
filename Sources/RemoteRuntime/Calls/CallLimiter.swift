import DequeModule

/// Decides which call to an endpoint may begin an attempt, and when. Pure.
///
/// A call enters, waits for a place and for the rate, and keeps its place until it leaves; a further attempt needs the
/// rate alone, and goes before calls that wait for a place. The rate is a window that slides: however it is laid, no 60
/// seconds see more starts than allowed.
struct CallLimiter {
    typealias Ticket = UInt64
    typealias Instant = ContinuousClock.Instant

    private let concurrency: Int
    private let perMinute: Int?
    private let queueMax: Int
    /// Calls that hold a place.
    private var placed = 0
    private var waiting = Deque<Ticket>()
    /// Calls that hold a place and want another attempt.
    private var again = Deque<Ticket>()
    /// Of the last minute, when there is a rate.
    private var starts = Deque<Instant>()

    init(concurrency: Int, perMinute: Int?, queueMax: Int) {
        self.concurrency = concurrency
        self.perMinute = perMinute
        self.queueMax = queueMax
    }

    /// Lines a call up.
    /// - Returns: whether there was room.
    mutating func enter(_ ticket: Ticket, at now: Instant) -> Bool {
        forget(before: now)
        let startsAtOnce = waiting.isEmpty && placed < concurrency && again.isEmpty && hasRate
        guard startsAtOnce || waiting.count < queueMax else { return false }
        waiting.append(ticket)
        return true
    }

    /// A call that holds a place wants another attempt.
    mutating func retry(_ ticket: Ticket) {
        again.append(ticket)
    }

    /// A call is over, wherever it stood.
    mutating func leave(_ ticket: Ticket) {
        if let index = waiting.firstIndex(of: ticket) {
            waiting.remove(at: index)
        } else {
            again.removeAll { $0 == ticket }
            placed -= 1
        }
    }

    /// - Returns: the next call that begins an attempt now.
    mutating func start(at now: Instant) -> Ticket? {
        forget(before: now)
        guard hasRate, let ticket = nextInLine() else { return nil }
        if perMinute != nil { starts.append(now) }
        return ticket
    }

    /// When to ask for starts again though nothing has happened; nil when nobody waits for the rate.
    var nextStart: Instant? {
        guard !hasRate, !again.isEmpty || (!waiting.isEmpty && placed < concurrency) else { return nil }
        return starts.first.map { $0 + Self.window }
    }

    /// How long a call that found no room should stay away.
    func patience(at now: Instant) -> Duration {
        guard !hasRate, let first = starts.first else { return .seconds(1) }
        return max(first + Self.window - now, .seconds(1))
    }

    private static let window = Duration.seconds(60)

    private var hasRate: Bool { perMinute.map { starts.count < $0 } ?? true }

    private mutating func nextInLine() -> Ticket? {
        if let ticket = again.popFirst() { return ticket }
        guard placed < concurrency, let ticket = waiting.popFirst() else { return nil }
        placed += 1
        return ticket
    }

    private mutating func forget(before now: Instant) {
        while let first = starts.first, first + Self.window <= now { starts.removeFirst() }
    }
}
