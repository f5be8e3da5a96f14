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
        #expect(buffer.append([], waiter: nil) == .none)
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
        #expect(buffer.append(entries(1), waiter: nil) == .none)
        #expect(buffer.append(entries(1), waiter: { _ in }) == .commitNow)
        #expect(buffer.append(entries(1), waiter: { _ in }) == .none)
        let batch = buffer.take(timed: false)
        #expect(batch.count == 4)
        #expect(batch.entries.joined().count == 4)
        #expect(batch.waiters.count == 2)
        #expect(buffer.append(entries(1), waiter: nil) == .none)
        #expect(buffer.append([], waiter: { _ in }) == .commitNow)
        #expect(buffer.committed(batch, duplicates: 1) == .none)
        #expect(buffer.health.queued == 1)
        #expect(buffer.health.committed == 4)
        #expect(buffer.health.duplicates == 1)
    }

    @Test("While entries come, each commit arranges the next, and entries arrange none; then one that is idle ends it")
    func underLoad() {
        var buffer = JournalBuffer(queueMax: 100, bytesMax: 1_000)
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
        for _ in 1...3 {
            let batch = buffer.take(timed: true)
            #expect(batch.count == 1)
            #expect(buffer.append(entries(1), waiter: nil) == .none)
            #expect(buffer.committed(batch, duplicates: 0) == .afterWindow)
        }
        let last = buffer.take(timed: true)
        #expect(buffer.committed(last, duplicates: 0) == .afterWindow)
        #expect(buffer.take(timed: true).isEmpty)
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
    }

    @Test("However many commits are asked for at once, only one comes by itself")
    func oneTimer() {
        var buffer = JournalBuffer(queueMax: 100, bytesMax: 1_000)
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
        for _ in 1...3 {
            #expect(buffer.append(entries(1), waiter: { _ in }) == .commitNow)
            #expect(buffer.committed(buffer.take(timed: false), duplicates: 0) == .none)
        }
        #expect(buffer.take(timed: true).isEmpty)
        #expect(buffer.append([], waiter: { _ in }) == .commitNow)
        #expect(buffer.take(timed: false).waiters.count == 1)
        #expect(buffer.append(entries(1), waiter: nil) == .commitLater)
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
        let batch = buffer.take(timed: true)
        #expect(buffer.append(entries(1), waiter: nil) == .none)
        let reason = "the queue holds 3 entries of at most 3"
        #expect(buffer.append(entries(2), waiter: nil) == .refuse(reason: reason))
        #expect(buffer.health.lost == 2)
        #expect(buffer.health.isDegraded)
        #expect(buffer.health.problem == reason)
        // Nothing to lose: a flush gets through a full queue.
        #expect(buffer.append([], waiter: { _ in }) == .commitNow)
        #expect(buffer.committed(batch, duplicates: 0) == .afterWindow)
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
        let batch = buffer.take(timed: true)
        #expect(buffer.append(step(6), waiter: nil) == .none)
        #expect(buffer.append(step(1), waiter: nil) == .refuse(reason: "the queue holds 10 bytes of at most 10"))
        #expect(buffer.append(entries(1), waiter: nil) == .none)
        #expect(buffer.committed(batch, duplicates: 0) == .afterWindow)
        #expect(buffer.append(step(4), waiter: nil) == .none)
    }

    @Test("A batch that could not be written is kept in order and tried again, within the same bounds")
    func retry() {
        var buffer = JournalBuffer(queueMax: 3, bytesMax: 1_000)
        _ = buffer.append(entries(2), waiter: { _ in })
        let batch = buffer.take(timed: false)
        #expect(buffer.append(entries(1), waiter: nil) == .none)
        #expect(buffer.failed(batch, reason: "disk full", isTemporary: true) == .afterPause)
        #expect(buffer.health.problem == "disk full")
        #expect(buffer.append(entries(1), waiter: nil) == .refuse(reason: "the queue holds 3 entries of at most 3"))
        let again = buffer.take(timed: true)
        #expect(Array(again.entries.joined()) == entries(2) + entries(1))
        #expect(again.waiters.isEmpty)
        #expect(buffer.committed(again, duplicates: 0) == .afterWindow)
        #expect(buffer.health.queued == 0)
        #expect(buffer.health.lost == 1)
    }

    @Test("What can never be written, and what fails after the close, is counted as lost")
    func drop() {
        var buffer = JournalBuffer(queueMax: 10, bytesMax: 1_000)
        _ = buffer.append(entries(2), waiter: nil)
        let batch = buffer.take(timed: true)
        #expect(buffer.append(entries(1), waiter: nil) == .none)
        #expect(buffer.failed(batch, reason: "constraint", isTemporary: false) == .afterWindow)
        #expect(buffer.health.lost == 2)
        buffer.close()
        #expect(buffer.append(entries(1), waiter: nil) == .refuse(reason: "the ledger is closed"))
        #expect(buffer.failed(buffer.take(timed: true), reason: "disk full", isTemporary: true) == .none)
        #expect(buffer.health.lost == 4)
        #expect(buffer.health.queued == 0)
    }
}
