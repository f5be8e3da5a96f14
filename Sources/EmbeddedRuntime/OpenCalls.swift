import AdapterSeam
import RewardModel
import Synchronization

/// The calls that are not answered yet. Each is answered by whoever takes it out, and so once. Safe from any thread.
final class OpenCalls: Sendable {
    struct Call: Sendable {
        let ticket: UInt64
        let component: UInt64
        let sink: any ScoreSink
        let deadline: ContinuousClock.Instant
        var isRunning = false

        func answer(_ outcome: Outcome) {
            sink.receive([ScoreAnswer(ticket: ticket, result: ComponentResult(outcome))])
        }
    }

    private struct State {
        var calls: [UInt64: Call] = [:]
        var lastID: UInt64 = 0
        /// No call begins any more.
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: of calls that are open at a time.
    init(limit: Int) {
        self.limit = limit
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Takes calls in; their ids go up from the first one's. nil: closed, or too many.
    func add(_ calls: [ScoreCall], of component: UInt64, sink: any ScoreSink) -> UInt64? {
        state.withLock { state in
            guard !state.isClosed, state.calls.count + calls.count <= limit else { return nil }
            let first = state.lastID + 1
            for call in calls {
                state.lastID += 1
                state.calls[state.lastID] = Call(
                    ticket: call.ticket,
                    component: component,
                    sink: sink,
                    deadline: call.deadline
                )
            }
            return first
        }
    }

    /// Marks a call as running; false when it was answered meanwhile.
    func begin(_ id: UInt64) -> Bool {
        state.withLock { state in
            state.calls[id]?.isRunning = true
            return state.calls[id] != nil
        }
    }

    /// nil: it was answered before.
    func take(_ id: UInt64) -> Call? {
        state.withLock { $0.calls.removeValue(forKey: id) }
    }

    func takeExpired(at now: ContinuousClock.Instant) -> [Call] {
        take { $0.deadline <= now }
    }

    func takeAll(of component: UInt64) -> [Call] {
        take { $0.component == component }
    }

    /// Takes out what is left; no call is taken in any more.
    func close() -> [Call] {
        state.withLock { $0.isClosed = true }
        return take { _ in true }
    }

    private func take(where isMeant: (Call) -> Bool) -> [Call] {
        state.withLock { state in
            let ids = state.calls.filter { isMeant($0.value) }.keys.sorted()
            return ids.compactMap { state.calls.removeValue(forKey: $0) }
        }
    }
}
