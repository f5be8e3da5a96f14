/// When a worker that ended is replaced: exponential back-off, and a circuit that opens when too many end.
package struct RestartPolicy: Sendable, Hashable {
    /// Wait after the first failure; doubles with each further one until a worker answers.
    package var firstDelay: Duration
    package var delayMax: Duration
    /// Failures within the window that open the circuit.
    package var failuresMax: Int
    package var window: Duration
    /// How long the circuit stays open before one worker is tried.
    package var coolDown: Duration

    package init(firstDelay: Duration, delayMax: Duration, failuresMax: Int, window: Duration, coolDown: Duration) {
        self.firstDelay = firstDelay
        self.delayMax = delayMax
        self.failuresMax = failuresMax
        self.window = window
        self.coolDown = coolDown
    }
}

/// The failures of a pool so far, judged by a ``RestartPolicy``. Pure: time is passed in.
struct Restarts {
    enum Circuit: Hashable {
        case closed
        /// Nothing is started until then.
        case open(until: ContinuousClock.Instant)
        /// One worker is on trial.
        case halfOpen
    }

    let policy: RestartPolicy
    private(set) var circuit = Circuit.closed
    private var failures: [ContinuousClock.Instant] = []
    private var consecutive = 0
    private var earliest: ContinuousClock.Instant?

    init(_ policy: RestartPolicy) {
        self.policy = policy
    }

    mutating func failed(at now: ContinuousClock.Instant) {
        let beginning = now - policy.window
        failures.removeAll { $0 <= beginning }
        failures.append(now)
        earliest = now + delay
        consecutive += 1
        if circuit == .halfOpen || failures.count >= policy.failuresMax {
            circuit = .open(until: now + policy.coolDown)
        }
    }

    /// A worker gave its first answer.
    mutating func succeeded() {
        consecutive = 0
        guard circuit == .halfOpen else { return }
        circuit = .closed
        failures.removeAll()
    }

    /// When the next worker may be started, possibly in the past. nil: not before the one on trial has answered or failed.
    func nextStart(now: ContinuousClock.Instant) -> ContinuousClock.Instant? {
        switch circuit {
        case .closed: earliest ?? now
        case .open(let end): end
        case .halfOpen: nil
        }
    }

    /// To be called when a worker is started.
    mutating func started() {
        if case .open = circuit { circuit = .halfOpen }
    }

    /// The last delay was reached long before the shift could overflow.
    private var delay: Duration {
        min(policy.firstDelay * (1 << min(consecutive, 30)), policy.delayMax)
    }
}
