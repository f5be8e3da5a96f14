import Synchronization

/// A value that changes on other threads while a test waits for it. Safe from any thread.
package final class Watched<Value: Sendable>: Sendable {
    private struct Waiter {
        let isMet: @Sendable (Value) -> Bool
        let resume: CheckedContinuation<Void, Never>
    }

    private struct State {
        var value: Value
        var waiters: [Int: Waiter] = [:]
        var nextWaiter = 0
        var given: Set<Int> = []
    }

    private let state: Mutex<State>

    package init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    package var value: Value { state.withLock { $0.value } }

    package func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        let (result, met) = state.withLock { state in
            let result = body(&state.value)
            let met = state.waiters.filter { $0.value.isMet(state.value) }
            for id in met.keys { state.waiters[id] = nil }
            return (result, met)
        }
        for waiter in met.values { waiter.resume.resume() }
        return result
    }

    /// - Returns: the value, once it is as wanted.
    /// - Throws: ``ContractBreach`` when it is not in time.
    @discardableResult
    package func wait(
        for what: String,
        within limit: Duration = .seconds(20),
        until isMet: @escaping @Sendable (Value) -> Bool
    ) async throws -> Value {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        let timer = Task {
            try await Task.sleep(for: limit)
            giveUp(id)
        }
        await withCheckedContinuation { resume in
            let isOver = state.withLock { state in
                if isMet(state.value) || state.given.contains(id) { return true }
                state.waiters[id] = Waiter(isMet: isMet, resume: resume)
                return false
            }
            if isOver { resume.resume() }
        }
        timer.cancel()
        let value = value
        guard isMet(value) else { throw ContractBreach("\(what): not within \(limit)") }
        return value
    }

    private func giveUp(_ id: Int) {
        let waiter = state.withLock { state in
            state.given.insert(id)
            return state.waiters.removeValue(forKey: id)
        }
        waiter?.resume.resume()
    }
}
