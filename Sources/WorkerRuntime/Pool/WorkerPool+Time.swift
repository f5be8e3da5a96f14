import DequeModule
import RewardModel

// Time: deadlines, hangs, back-off. Nothing here is done before the alarm rings, which costs one look at everything;
// in between, `wake(at:)` keeps a lower bound of the next instant that matters.
extension WorkerPool {
    /// A worker says which score it runs. Told before the alarm rings and before what ends a worker.
    mutating func workerRuns(_ score: UInt64, _ id: WorkerID) {
        guard let position = position(of: id) else { return }
        workers[position].running = score
    }

    /// The instant ``alarm`` has come.
    mutating func alarmRang(at now: ContinuousClock.Instant) {
        clearAlarm()
        expireWaiting(at: now)
        for id in workers.map(\.id) {
            guard let position = position(of: id) else { continue }
            expireEntries(of: position, at: now)
            check(position, at: now)
        }
        relieveHungWorkers(at: now)
        balance(at: now)
        dispatch(at: now)
        setAlarm()
    }

    // MARK: - Deadlines

    private mutating func expireWaiting(at now: ContinuousClock.Instant) {
        var left = queue
        takeExpired(from: &left, at: now)
        queue = left
        for (key, episode) in episodes where episode.waiting.contains(where: { $0.deadline <= now }) {
            var left = episode.waiting
            takeExpired(from: &left, at: now)
            episodes[key]?.waiting = left
            lose(key, at: now)
        }
    }

    private mutating func takeExpired(from calls: inout Deque<PooledCall>, at now: ContinuousClock.Instant) {
        let late = calls.filter { $0.deadline <= now }
        if late.isEmpty { return }
        calls.removeAll { $0.deadline <= now }
        waiting -= late.count
        for call in late { answer(call, .failed(.overloaded, message: "no worker was free before the deadline")) }
    }

    private mutating func expireEntries(of position: Int, at now: ContinuousClock.Instant) {
        for index in workers[position].entries.indices {
            let entry = workers[position].entries[index]
            guard entry.standing == .live, entry.call.deadline <= now else { continue }
            workers[position].entries[index].standing = .answered
            let isRunning = traits.isAsynchronous || index == workers[position].runningIndex
            answer(entry.call, .failed(isRunning ? .timeout : .overloaded, message: "the deadline passed"))
        }
    }

    // MARK: - Hangs

    private mutating func check(_ position: Int, at now: ContinuousClock.Instant) {
        let timeout = Outcome.failed(
            .timeout,
            message: "the call ran longer than call_timeout (\(options.callTimeout))"
        )
        switch workers[position].phase {
        case .closing(let limit) where limit <= now:
            kill(position, failing: .failed(.protocolError, message: "the worker closed its socket"), at: now)
        case .stopping(let limit) where limit <= now:
            workers[position].phase = .dying
            act(.kill(workers[position].id))
        case .ready where traits.isAsynchronous:
            let isLate = { [options] (entry: Entry) in entry.sentAt + options.callTimeout <= now }
            if workers[position].entries.contains(where: isLate) {
                kill(position, failing: timeout, where: isLate, at: now)
            }
        case .ready:
            guard let since = workers[position].oldestSince else { return }
            if since + options.callTimeout <= now { return kill(position, failing: timeout, at: now) }
            if since + options.hangAfter <= now { workers[position].isHung = true }
        case .starting, .closing, .stopping, .dying: break
        }
    }

    /// Moves what waits behind a hung call, if another worker has time for it.
    mutating func relieveHungWorkers(at now: ContinuousClock.Instant) {
        for position in workers.indices where workers[position].isHung && workers[position].phase == .ready {
            guard workers.contains(where: \.isFit) else { return }
            let running = workers[position].runningIndex
            for index in workers[position].entries.indices.reversed()
            where index != running && canBeRelieved(index, of: position) {
                relieve(index, of: position, at: now)
            }
            releaseBacklog(of: position, at: now)
        }
    }

    private func canBeRelieved(_ index: Int, of position: Int) -> Bool {
        let entry = workers[position].entries[index]
        let episode = episodes[entry.call.episode]
        let isRebuildable = !traits.isStateful || episode.map { !$0.isLost && !$0.isTooLongToReplay } ?? false
        switch entry.standing {
        case .live: return isRebuildable && !entry.call.wasMovedByHang && entry.call.moves < options.movesMax
        case .replay: return isRebuildable
        case .answered, .abandoned: return false
        }
    }

    private mutating func relieve(_ index: Int, of position: Int, at now: ContinuousClock.Instant) {
        let entry = workers[position].entries[index]
        workers[position].entries[index].standing = .abandoned
        if entry.standing == .replay { return replayElsewhere(entry.call.episode, at: now) }
        if traits.isStateful { unbind(entry.call.episode) }
        var call = entry.call
        call.wasMovedByHang = true
        move(call, at: now)
    }

    // MARK: - The next alarm

    private mutating func setAlarm() {
        for call in queue { wake(at: call.deadline) }
        for episode in episodes.values {
            for call in episode.waiting { wake(at: call.deadline) }
        }
        for worker in workers { setAlarm(for: worker) }
    }

    private mutating func setAlarm(for worker: Worker) {
        for call in worker.liveCalls { wake(at: call.deadline) }
        switch worker.phase {
        case .closing(let limit), .stopping(let limit): wake(at: limit)
        case .ready where traits.isAsynchronous:
            for entry in worker.entries { wake(at: entry.sentAt + options.callTimeout) }
        case .ready:
            guard let since = worker.oldestSince else { return }
            wake(at: since + (worker.isHung ? options.callTimeout : min(options.hangAfter, options.callTimeout)))
        case .starting, .dying: break
        }
    }
}
