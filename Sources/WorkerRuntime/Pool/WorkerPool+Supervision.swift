import DequeModule
import RewardModel

// Workers: started, killed, replaced, retired.
extension WorkerPool {
    /// Starts the first worker. The others follow when it is loaded.
    mutating func begin() {
        startWorker()
    }

    mutating func workerLoaded(_ id: WorkerID, traits: ComponentTraits, at now: ContinuousClock.Instant) {
        guard let position = position(of: id), workers[position].phase == .starting else { return }
        self.traits = traits
        workers[position].phase = .ready
        unavailability = .unavailable
        balance(at: now)
        relieveHungWorkers(at: now)
        dispatch(at: now)
    }

    /// A worker could not be started or loaded; its process is gone, or is being killed.
    mutating func workerFailed(_ id: WorkerID, kind: OutcomeKind, at now: ContinuousClock.Instant) {
        guard let position = position(of: id) else { return }
        unavailability = kind == .versionUnavailable ? kind : .unavailable
        workers.remove(at: position)
        failed(at: now)
    }

    /// A worker broke the protocol.
    mutating func workerBroke(_ id: WorkerID, message: String, at now: ContinuousClock.Instant) {
        guard let position = position(of: id), workers[position].phase == .ready else { return }
        kill(position, failing: .failed(.protocolError, message: message), at: now)
    }

    /// A worker closed its socket. As a rule it is ending; how, its exit will tell.
    mutating func workerClosed(_ id: WorkerID, at now: ContinuousClock.Instant) {
        guard let position = position(of: id), workers[position].phase == .ready else { return }
        workers[position].phase = .closing(until: now + options.stopTimeout)
        wake(at: now + options.stopTimeout)
    }

    /// A worker's process is reaped.
    mutating func workerExited(_ id: WorkerID, status: String, at now: ContinuousClock.Instant) {
        guard let position = position(of: id) else { return }
        switch workers[position].phase {
        case .dying, .stopping:
            workers.remove(at: position)
        case .starting, .ready, .closing:
            workers[position].phase = .dying
            fail(in: position, .failed(.crash, message: "the worker ended: \(status)"), at: now)
            evacuate(position, at: now)
            workers.remove(at: position)
            failed(at: now)
        }
    }

    /// Answers everything, and asks the workers to stop.
    mutating func retire(at now: ContinuousClock.Instant) {
        guard !isRetiring else { return }
        isRetiring = true
        let calls = queue + episodes.values.flatMap(\.waiting) + workers.flatMap(\.liveCalls)
        for call in calls { answer(call, .failed(.unavailable, message: "the component was retired")) }
        queue = []
        unbound = []
        episodes = [:]
        waiting = 0
        for position in workers.indices { stop(position, at: now) }
    }

    private mutating func stop(_ position: Int, at now: ContinuousClock.Instant) {
        workers[position].entries = []
        switch workers[position].phase {
        case .starting, .closing:
            workers[position].phase = .dying
            act(.kill(workers[position].id))
        case .ready:
            workers[position].phase = .stopping(until: now + options.stopTimeout)
            wake(at: now + options.stopTimeout)
            act(.send(workers[position].id, .stop))
        case .stopping, .dying: break
        }
    }

    // MARK: - Failure

    /// Kills a worker, fails the calls that a condition names, or those that it runs, and moves the others elsewhere.
    mutating func kill(
        _ position: Int,
        failing outcome: Outcome,
        where condition: ((Entry) -> Bool)? = nil,
        at now: ContinuousClock.Instant
    ) {
        workers[position].phase = .dying
        statistics.kills += 1
        act(.kill(workers[position].id))
        fail(in: position, outcome, where: condition, at: now)
        evacuate(position, at: now)
        failed(at: now)
    }

    /// Answers calls of a worker that ends, and loses their episodes.
    ///
    /// A synchronous component runs one; an asynchronous one runs all, and nobody can tell which it died of.
    private mutating func fail(
        in position: Int,
        _ outcome: Outcome,
        where condition: ((Entry) -> Bool)? = nil,
        at now: ContinuousClock.Instant
    ) {
        let running = workers[position].runningIndex
        for index in workers[position].entries.indices.reversed() {
            let isRunning = traits.isAsynchronous || index == running
            guard condition?(workers[position].entries[index]) ?? isRunning else { continue }
            let entry = workers[position].entries.remove(at: index)
            if entry.standing == .live { answer(entry.call, outcome) }
            if entry.standing != .abandoned { abandonEpisode(of: entry, at: now) }
        }
    }

    /// Moves a worker's calls elsewhere and takes its episodes from it.
    private mutating func evacuate(_ position: Int, at now: ContinuousClock.Instant) {
        let entries = workers[position].entries
        workers[position].entries = []
        workers[position].oldestSince = nil
        releaseEpisodes(of: position, at: now)
        for entry in entries.reversed() {
            switch entry.standing {
            case .live: move(entry.call, at: now)
            case .answered: abandonEpisode(of: entry, at: now)
            case .replay: replayElsewhere(entry.call.episode, at: now)
            case .abandoned: break
            }
        }
    }

    private mutating func abandonEpisode(of entry: Entry, at now: ContinuousClock.Instant) {
        episodes[entry.call.episode]?.isBusy = false
        lose(entry.call.episode, at: now)
    }

    private mutating func releaseEpisodes(of position: Int, at now: ContinuousClock.Instant) {
        for key in workers[position].episodes {
            if episodes[key]?.isTooLongToReplay ?? false { lose(key, at: now) }
            unbind(key)
        }
        releaseBacklog(of: position, at: now)
    }

    private mutating func failed(at now: ContinuousClock.Instant) {
        guard !isRetiring else { return }
        statistics.failures += 1
        restarts.failed(at: now)
        balance(at: now)
        if isUnavailable { failWaiting(at: now) }
        dispatch(at: now)
    }

    /// The circuit is open, and nobody is left.
    var isUnavailable: Bool {
        guard case .open = restarts.circuit else { return false }
        return !workers.contains { $0.phase == .ready || $0.phase == .starting }
    }

    private mutating func failWaiting(at now: ContinuousClock.Instant) {
        let outcome = Outcome.failed(unavailability, message: "no worker can be started")
        waiting -= queue.count
        for call in queue { answer(call, outcome) }
        queue = []
        for key in unbound {
            episodes[key]?.isQueued = false
            guard let call = episodes[key]?.waiting.popFirst() else { continue }
            waiting -= 1
            reject(call, outcome, at: now)
        }
        unbound = []
    }

    // MARK: - Number of workers

    /// Starts workers until there are enough, or asks to be woken when the next may be started.
    mutating func balance(at now: ContinuousClock.Instant) {
        guard !isRetiring else { return }
        while workers.count(where: { !$0.isEnding }) < options.workers + options.spares {
            guard let start = restarts.nextStart(now: now) else { return }
            if start > now { return wake(at: start) }
            startWorker()
        }
    }
}
