import NIOPosix
import Testing

@testable import RemoteRuntime

@Suite("Waiting for a turn", .timeLimit(.minutes(1)))
struct CallQueueTests {
    private let queue = CallQueue(
        CallLimiter(concurrency: 1, perMinute: nil, queueMax: 1),
        loop: MultiThreadedEventLoopGroup.singleton.next()
    )

    /// Waits in a task that is cancelled already: a turn that has come is taken none the less.
    private func turnIfCome(_ ticket: CallQueue.Ticket) async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await queue.turn(ticket)
        }
        try await task.value
    }

    @Test func aTurnComesWhenThePlaceIsFree() async throws {
        let first = try queue.enter()
        try await turnIfCome(first)
        let second = try queue.enter()
        #expect(throws: CallQueue.Full.self) { try queue.enter() }
        await #expect(throws: CancellationError.self) { try await turnIfCome(second) }
        queue.leave(first)
        try await turnIfCome(second)
        queue.retry(second)
        try await turnIfCome(second)
        queue.leave(second)
    }

    @Test func inAClosedQueueNoTurnComes() async throws {
        let first = try queue.enter()
        try await queue.turn(first)
        let second = try queue.enter()
        queue.close()
        queue.leave(first)
        await #expect(throws: CancellationError.self) { try await turnIfCome(second) }
        queue.leave(second)
    }
}
