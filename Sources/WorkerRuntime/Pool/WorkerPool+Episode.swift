import DequeModule
import JSONBytes
import RewardModel

// Episodes of a stateful component: bound to the worker that holds their state, one call at a time, rebuilt elsewhere
// by playing their records again.
extension WorkerPool {
    struct Episode {
        /// Calls that were not sent, in order.
        var waiting: Deque<PooledCall> = []
        /// Who holds its state; nil: nobody yet, or nobody any more.
        var worker: WorkerID?
        /// A score of it is at the worker.
        var isBusy = false
        /// It stands in ``WorkerPool/unbound`` or in its worker's backlog.
        var isQueued = false
        /// Calls that a worker answered, in order, to be played again.
        var history: [PooledCall] = []
        var historySize = 0
        /// How much of its history its worker has seen.
        var replayed = 0
        /// Its history grew past ``WorkerOptions/replayMax`` and was dropped.
        var isTooLongToReplay = false
        /// A step is missing or its state is gone: further calls fail.
        var isLost = false
        /// To be forgotten once its calls are answered.
        var isClosing = false

        var isReady: Bool { !isBusy && !isQueued && !waiting.isEmpty }
        var isDone: Bool { isClosing && !isBusy && waiting.isEmpty }

        /// The next step that its worker has to be shown again.
        var nextReplay: PooledCall? { replayed < history.count ? history[replayed] : nil }

        /// Keeps a call that a worker has scored.
        mutating func remember(_ call: PooledCall, max: Int) {
            guard !isLost, !isTooLongToReplay else { return }
            historySize += call.record.count
            if historySize <= max {
                history.append(call)
                replayed = history.count
            } else {
                history = []
                isTooLongToReplay = true
            }
        }
    }

    mutating func open(_ key: EpisodeKey) {
        guard traits.isStateful, !isRetiring, episodes[key] == nil else { return }
        episodes[key] = Episode()
    }

    mutating func close(_ key: EpisodeKey) {
        episodes[key]?.isClosing = true
        forgetIfDone(key)
    }

    /// Sends the episode's next call, or queues the episode for room.
    mutating func schedule(_ key: EpisodeKey, at now: ContinuousClock.Instant) {
        guard episodes[key]?.isReady ?? false else { return }
        if let worker = episodes[key]?.worker, let position = position(of: worker) {
            if workers[position].isFit || episodes[key]?.isTooLongToReplay ?? false {
                return hasRoom(position) ? sendNext(of: key, to: position, at: now) : queueBehind(position, key)
            }
            unbind(key)
        }
        episodes[key]?.isQueued = true
        unbound.append(key)
    }

    private mutating func queueBehind(_ position: Int, _ key: EpisodeKey) {
        episodes[key]?.isQueued = true
        workers[position].backlog.append(key)
    }

    /// Opens an unbound episode in a worker, to play what it has seen and to go on with its next call.
    mutating func begin(_ key: EpisodeKey, on position: Int, at now: ContinuousClock.Instant) {
        episodes[key]?.isQueued = false
        guard episodes[key]?.isReady ?? false else { return }
        episodes[key]?.worker = workers[position].id
        episodes[key]?.replayed = 0
        workers[position].episodes.insert(key)
        act(.send(workers[position].id, .open(key)))
        sendNext(of: key, to: position, at: now)
    }

    private mutating func sendNext(of key: EpisodeKey, to position: Int, at now: ContinuousClock.Instant) {
        episodes[key]?.isBusy = true
        if let call = episodes[key]?.nextReplay {
            statistics.replays += 1
            send(call, as: .replay, to: position, at: now)
        } else if let call = episodes[key]?.waiting.popFirst() {
            waiting -= 1
            send(call, as: .live, to: position, at: now)
        }
    }

    /// A worker answered an entry of the episode; a record that it could not read has changed nothing.
    mutating func advance(_ entry: Entry, wasRead: Bool, on position: Int, at now: ContinuousClock.Instant) {
        if entry.standing != .abandoned {
            let key = entry.call.episode
            let replayMax = options.replayMax
            episodes[key]?.isBusy = false
            if entry.standing == .replay {
                episodes[key]?.replayed += 1
            } else if wasRead {
                episodes[key]?.remember(entry.call, max: replayMax)
            }
            schedule(key, at: now)
            forgetIfDone(key)
        }
        sendBacklog(of: position, at: now)
    }

    private mutating func sendBacklog(of position: Int, at now: ContinuousClock.Instant) {
        while hasRoom(position), let key = workers[position].backlog.popFirst() {
            episodes[key]?.isQueued = false
            schedule(key, at: now)
        }
    }

    /// Looks for another worker for the episodes that wait for room in this one.
    mutating func releaseBacklog(of position: Int, at now: ContinuousClock.Instant) {
        let keys = workers[position].backlog
        workers[position].backlog = []
        for key in keys {
            episodes[key]?.isQueued = false
            schedule(key, at: now)
        }
    }

    /// The episode's replay is at a worker that will not finish it.
    mutating func replayElsewhere(_ key: EpisodeKey, at now: ContinuousClock.Instant) {
        episodes[key]?.isBusy = false
        unbind(key)
        schedule(key, at: now)
        forgetIfDone(key)
    }

    /// Fails what the episode has waiting, and every later call of it.
    mutating func lose(_ key: EpisodeKey, at now: ContinuousClock.Instant) {
        guard let episode = episodes[key] else { return }
        if !episode.isLost {
            episodes[key]?.isLost = true
            episodes[key]?.waiting = []
            episodes[key]?.history = []
            waiting -= episode.waiting.count
            for call in episode.waiting { answer(call, .failed(.stateLost)) }
            unbind(key)
        }
        forgetIfDone(key)
    }

    /// Takes the episode from its worker, which frees the state if it still runs.
    mutating func unbind(_ key: EpisodeKey) {
        guard let worker = episodes[key]?.worker else { return }
        episodes[key]?.worker = nil
        guard let position = position(of: worker) else { return }
        workers[position].episodes.remove(key)
        if workers[position].phase == .ready { act(.send(worker, .close(key))) }
    }

    private mutating func forgetIfDone(_ key: EpisodeKey) {
        guard episodes[key]?.isDone ?? false else { return }
        unbind(key)
        episodes[key] = nil
    }
}
