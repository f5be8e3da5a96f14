import NIOCore
import Synchronization

/// Lets calls wait for their turn with an endpoint. Safe from any thread.
final class CallQueue: Sendable {
    typealias Ticket = CallLimiter.Ticket

    /// As many calls wait as may.
    struct Full: Error {
        /// How long the client should stay away.
        let patience: Duration
    }

    private struct State {
        var limiter: CallLimiter
        var lastTicket: Ticket = 0
        /// Calls whose turn came before they waited for it.
        var ready: Set<Ticket> = []
        var waiters: [Ticket: CheckedContinuation<Void, any Error>] = [:]
        /// Nobody's turn comes any more.
        var isClosed = false
        /// Waits for the rate; there is at most one.
        var timer: Scheduled<Void>?
    }

    private let state: Mutex<State>
    private let loop: any EventLoop

    init(_ limiter: CallLimiter, loop: any EventLoop) {
        state = Mutex(State(limiter: limiter))
        self.loop = loop
    }

    /// - Returns: a ticket, for ``turn(_:)``, that must be given to ``leave(_:)`` in the end.
    func enter() throws(Full) -> Ticket {
        let now = ContinuousClock.now
        let entry = state.withLock { state -> Result<Ticket, Full> in
            state.lastTicket += 1
            guard state.limiter.enter(state.lastTicket, at: now) else {
                return .failure(Full(patience: state.limiter.patience(at: now)))
            }
            return .success(state.lastTicket)
        }
        advance()
        return try entry.get()
    }

    /// Returns when an attempt may begin.
    /// - Throws: `CancellationError`.
    func turn(_ ticket: Ticket) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if state.ready.remove(ticket) != nil { return .success(()) }
                    // Looked at under the lock: a later cancellation finds the waiter.
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.waiters[ticket] = waiter
                    return nil
                }
                if let result { waiter.resume(with: result) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: ticket) }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// Asks for the turn of another attempt.
    func retry(_ ticket: Ticket) {
        state.withLock { $0.limiter.retry(ticket) }
        advance()
    }

    func leave(_ ticket: Ticket) {
        state.withLock { state in
            state.ready.remove(ticket)
            state.limiter.leave(ticket)
        }
        advance()
    }

    /// Lets no further attempt begin. Whoever waits does so until it is cancelled.
    func close() {
        let timer = state.withLock { state in
            state.isClosed = true
            return state.timer
        }
        timer?.cancel()
    }

    private func advance() {
        let now = ContinuousClock.now
        let started = state.withLock { state in
            var started: [CheckedContinuation<Void, any Error>] = []
            while !state.isClosed, let ticket = state.limiter.start(at: now) {
                if let waiter = state.waiters.removeValue(forKey: ticket) {
                    started.append(waiter)
                } else {
                    state.ready.insert(ticket)
                }
            }
            if !state.isClosed, state.timer == nil, let next = state.limiter.nextStart {
                state.timer = wake(in: next - now)
            }
            return started
        }
        for waiter in started { waiter.resume() }
    }

    private func wake(in delay: Duration) -> Scheduled<Void> {
        loop.scheduleTask(in: TimeAmount(delay)) { [weak self] in
            self?.state.withLock { $0.timer = nil }
            self?.advance()
        }
    }
}
