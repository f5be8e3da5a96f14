/// Decides what is done about a call that runs past its deadline. Pure: told the time, asked what to do.
struct Watch {
    enum Action {
        case nothing
        /// Raise in the midst of it.
        case interrupt
        /// It cannot be ended: give the interpreter up.
        case giveUp
    }

    /// Nanoseconds between two interruptions of one call: what one of them raised may have been swallowed.
    private static let pause: UInt64 = 100_000_000

    /// Nanoseconds from the deadline on.
    private let patience: UInt64
    private var interrupted: (until: UInt64, at: UInt64)?

    init(patience: UInt64) {
        self.patience = patience
    }

    /// - Parameters:
    ///   - until: the deadline of what runs; 0 when nothing does.
    ///   - now: on the same clock, in nanoseconds.
    mutating func look(until: UInt64, now: UInt64) -> Action {
        guard until > 0, now >= until else { return .nothing }
        if now - until >= patience { return .giveUp }
        if let interrupted, interrupted.until == until, now - interrupted.at < Self.pause { return .nothing }
        interrupted = (until, now)
        return .interrupt
    }
}
