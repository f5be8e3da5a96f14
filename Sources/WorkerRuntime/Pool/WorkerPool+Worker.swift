import DequeModule
import RewardModel

extension WorkerPool {
    /// A process and what was sent to it.
    struct Worker {
        enum Phase: Hashable {
            /// Until it said `loaded`.
            case starting
            case ready
            /// It closed its socket and must be gone by then.
            case closing(until: ContinuousClock.Instant)
            /// It was asked to stop and must be gone by then.
            case stopping(until: ContinuousClock.Instant)
            /// It was killed.
            case dying
        }

        let id: WorkerID
        var phase = Phase.starting
        /// Scores that it has not answered, in the order in which they were sent.
        var entries: Deque<Entry> = []
        /// The score that it said it runs, when it was last looked at. Those before it are done: their outcomes wait for
        /// each other, for a moment, so that they leave together.
        var running: UInt64 = 0
        /// When the first entry became the oldest; a synchronous component runs it since then.
        var oldestSince: ContinuousClock.Instant?
        /// The oldest entry has run longer than ``WorkerOptions/hangAfter``.
        var isHung = false
        var hasAnswered = false
        /// Episodes whose state it holds.
        var episodes: Set<EpisodeKey> = []
        /// Those of them that have a call to send and wait for room.
        var backlog: Deque<EpisodeKey> = []

        /// It may be given new calls.
        var isFit: Bool { phase == .ready && !isHung }

        /// Nothing that it says matters any more.
        var isEnding: Bool {
            switch phase {
            case .stopping, .dying: true
            case .starting, .ready, .closing: false
            }
        }

        /// The entry that a synchronous component runs: the one that it named, else the oldest.
        var runningIndex: Int {
            entries.firstIndex { $0.id == running } ?? 0
        }

        var liveCalls: [PooledCall] {
            entries.filter { $0.standing == .live }.map(\.call)
        }
    }

    /// A score at a worker.
    struct Entry {
        enum Standing: Hashable {
            /// Its answer is awaited.
            case live
            /// The call was answered meanwhile; the worker's answer is dropped, but the episode goes on with it.
            case answered
            /// The call, or its episode, went elsewhere or is lost; the worker's answer means nothing.
            case abandoned
            /// Played again to rebuild the episode.
            case replay
        }

        /// As in the message to the worker.
        let id: UInt64
        let call: PooledCall
        let sentAt: ContinuousClock.Instant
        var standing: Standing
    }

    func hasRoom(_ position: Int) -> Bool {
        workers[position].entries.count < options.inFlight
    }

    /// The fit worker with the fewest calls, spares left out; nil when none has room.
    func leastLoaded() -> Int? {
        var best: Int?
        var active = 0
        for position in workers.indices where workers[position].isFit {
            if active == options.workers { break }
            active += 1
            guard hasRoom(position) else { continue }
            if best.map({ workers[position].entries.count < workers[$0].entries.count }) ?? true { best = position }
        }
        return best
    }

    /// Sends a call's record to a worker.
    mutating func send(
        _ call: PooledCall,
        as standing: Entry.Standing,
        to position: Int,
        at now: ContinuousClock.Instant
    ) {
        let id = nextScoreID()
        workers[position].entries.append(Entry(id: id, call: call, sentAt: now, standing: standing))
        if workers[position].entries.count == 1 { oldestChanged(position, at: now) }
        if traits.isAsynchronous { wake(at: now + options.callTimeout) }
        let isReplay = standing == .replay
        // A call that was moved was done or waited when a worker ended; it is not to be lost that way again.
        let atOnce = call.moves > 0
        let message = WorkerMessage.score(id: id, call.episode, call.record, isReplay: isReplay, atOnce: atOnce)
        act(.send(workers[position].id, message))
    }

    /// The worker's first entry is a new one, or there is none any more.
    mutating func oldestChanged(_ position: Int, at now: ContinuousClock.Instant) {
        workers[position].isHung = false
        workers[position].oldestSince = workers[position].entries.isEmpty ? nil : now
        if !workers[position].entries.isEmpty { wake(at: now + min(options.hangAfter, options.callTimeout)) }
    }
}
