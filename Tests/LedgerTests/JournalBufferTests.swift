import JSONBytes
import RewardModel
import Synchronization
import Testing

@testable import Ledger

@Suite("The ledger's queue")
struct JournalBufferTests {
    private func entries(_ count: Int) -> [JournalEntry] {
        (0..<count).map { .outcome(LedgerFixture.outcomeRow(1, step: $0)) }
    }

    @Test(
        "The first entry starts the window, later ones join it, a waiter ends it, and asks for a commit once"
    )
    func scheduling() {
        var buffer = JournalBuffer(queueMax: 100, bytesMax: 1_000)
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
        #expect(buffer.append(entries(1), waiter: nil) == .none)
        #expect(buffer.append(entries(1), waiter: { _ in }) == .commitNow)
        #expect(buffer.append(entries(1), waiter: { _ in }) == .none)
        #expect(buffer.append([], waiter: nil) == .none)
        let batch = buffer.take()
        #expect(batch.entries.count == 4)
        #expect(batch.waiters.count == 2)
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
        #expect(buffer.append([], waiter: { _ in }) == .commitNow)
        buffer.committed(batch, duplicates: 1)
        #expect(buffer.health.queued == 1)
        #expect(buffer.health.committed == 4)
        #expect(buffer.health.duplicates == 1)
    }

    @Test("Many entries do not wait for the window")
    func fullBatch() {
        var buffer = JournalBuffer(queueMax: 10_000, bytesMax: 1_000)
        #expect(buffer.append(entries(999), waiter: nil) == .commitLater)
        #expect(buffer.append(entries(1), waiter: nil) == .commitNow)
    }

    @Test("The queue takes as many entries as allowed, those being written included, and not one more")
    func countLimit() {
        var buffer = JournalBuffer(queueMax: 3, bytesMax: 1_000)
        #expect(buffer.append(entries(2), waiter: nil) == .commitLater)
        let batch = buffer.take()
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
        let reason = "the queue holds 3 entries of at most 3"
        #expect(buffer.append(entries(2), waiter: nil) == .refuse(reason: reason))
        #expect(buffer.health.lost == 2)
        #expect(buffer.health.isDegraded)
        #expect(buffer.health.problem == reason)
        // Nothing to lose: a flush gets through a full queue.
        #expect(buffer.append([], waiter: { _ in }) == .commitNow)
        buffer.committed(batch, duplicates: 0)
        #expect(buffer.append(entries(2), waiter: nil) == .none)
        #expect(buffer.health.queued == 3)
        #expect(buffer.health.isDegraded)
    }

    @Test("The queue takes as many bytes as allowed, those being written included, and not one more")
    func byteLimit() {
        func step(_ bytes: Int) -> [JournalEntry] {
            let observation = RawJSON(text: String(repeating: "1", count: bytes))
            let key = EpisodeKey(session: LedgerFixture.session(1), number: 1)
            return [.step(StepRow(episode: key, step: 1, action: nil, observation: observation))]
        }
        var buffer = JournalBuffer(queueMax: 100, bytesMax: 10)
        #expect(buffer.append(step(4), waiter: nil) == .commitLater)
        let batch = buffer.take()
        #expect(buffer.append(step(6), waiter: nil) == .commitLater)
        #expect(buffer.append(step(1), waiter: nil) == .refuse(reason: "the queue holds 10 bytes of at most 10"))
        #expect(buffer.append(entries(1), waiter: nil) == .none)
        buffer.committed(batch, duplicates: 0)
        #expect(buffer.append(step(4), waiter: nil) == .none)
    }

    @Test("A batch that could not be written is kept in order and tried again, within the same bounds")
    func retry() {
        var buffer = JournalBuffer(queueMax: 3, bytesMax: 1_000)
        _ = buffer.append(entries(2), waiter: { _ in })
        let batch = buffer.take()
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
        #expect(buffer.failed(batch, reason: "disk full", isTemporary: true) == .retry)
        #expect(buffer.health.problem == "disk full")
        #expect(buffer.append(entries(1), waiter: nil) == .refuse(reason: "the queue holds 3 entries of at most 3"))
        let again = buffer.take()
        #expect(again.entries == entries(2) + entries(1))
        #expect(again.waiters.isEmpty)
        buffer.committed(again, duplicates: 0)
        #expect(buffer.health.queued == 0)
        #expect(buffer.health.lost == 1)
    }

    @Test("What can never be written, and what fails after the close, is counted as lost")
    func drop() {
        var buffer = JournalBuffer(queueMax: 10, bytesMax: 1_000)
        _ = buffer.append(entries(2), waiter: nil)
        #expect(buffer.failed(buffer.take(), reason: "constraint", isTemporary: false) == .drop)
        #expect(buffer.health.lost == 2)
        _ = buffer.append(entries(1), waiter: nil)
        buffer.close()
        #expect(buffer.append(entries(1), waiter: nil) == .refuse(reason: "the ledger is closed"))
        #expect(buffer.failed(buffer.take(), reason: "disk full", isTemporary: true) == .drop)
        #expect(buffer.health.lost == 4)
        #expect(buffer.health.queued == 0)
    }
}
