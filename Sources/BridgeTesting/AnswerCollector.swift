package import AdapterSeam
package import RewardModel
import Synchronization

/// A sink that remembers every answer, and tells when enough have come.
package final class AnswerCollector: ScoreSink {
    private struct State {
        var answers: [ScoreAnswer] = []
        var waiters: [(count: Int, resume: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    package init() {}

    package func receive(_ answers: [ScoreAnswer]) {
        let ready = state.withLock { state in
            state.answers += answers
            let count = state.answers.count
            defer { state.waiters.removeAll { $0.count <= count } }
            return state.waiters.filter { $0.count <= count }
        }
        for waiter in ready { waiter.resume.resume() }
    }

    /// All answers so far, in the order in which they came.
    package var answers: [ScoreAnswer] { state.withLock { $0.answers } }

    /// Outcomes by ticket. A ticket that was answered twice has the last outcome here.
    package var outcomes: [UInt64: Outcome] {
        Dictionary(answers.map { ($0.ticket, $0.result.outcome) }) { $1 }
    }

    /// Returns when that many answers have come.
    /// - Throws: ``ContractBreach`` when they do not come in time.
    package func wait(for count: Int, within limit: Duration = .seconds(60)) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait(for: count) }
            group.addTask {
                try await Task.sleep(for: limit)
                let come = self.answers.count
                self.giveUp()
                throw ContractBreach("\(come) of \(count) answers came within \(limit)")
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.answers.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isReady { continuation.resume() }
        }
    }

    private func giveUp() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume.resume() }
    }
}

/// What a part of the bridge did otherwise than its contract says.
package struct ContractBreach: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
