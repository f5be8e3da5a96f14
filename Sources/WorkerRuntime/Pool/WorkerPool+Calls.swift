import DequeModule
import JSONBytes
import RewardModel

// Calls: taken in, given to workers, answered.
extension WorkerPool {
    mutating func submit(_ calls: [PooledCall], at now: ContinuousClock.Instant) {
        for call in calls {
            guard let refusal = refusal(of: call, at: now) else {
                accept(call, at: now)
                continue
            }
            reject(call, refusal, at: now)
        }
    }

    private func refusal(of call: PooledCall, at now: ContinuousClock.Instant) -> Outcome? {
        if isRetiring { return .failed(.unavailable, message: "the component was retired") }
        if traits.isStateful, episodes[call.episode]?.isLost ?? true { return .failed(.stateLost) }
        if call.deadline <= now { return .failed(.noTime) }
        let size = call.record.count + WorkerMessage.scoreOverhead
        if size > options.frameMax {
            return .failed(.tooLarge, message: "the record is larger than frame_max (\(options.frameMax))")
        }
        if isUnavailable { return .failed(unavailability, message: "no worker can be started") }
        if waiting >= options.queueMax {
            return .failed(.overloaded, message: "queue_max (\(options.queueMax)) calls wait already")
        }
        return nil
    }

    private mutating func accept(_ call: PooledCall, at now: ContinuousClock.Instant) {
        wake(at: call.deadline)
        waiting += 1
        if traits.isStateful {
            episodes[call.episode]?.waiting.append(call)
            schedule(call.episode, at: now)
        } else {
            queue.append(call)
        }
        dispatch(at: now)
    }

    /// Fails a call that no worker has seen. Its episode lacks a step from then on.
    mutating func reject(_ call: PooledCall, _ outcome: Outcome, at now: ContinuousClock.Instant) {
        answer(call, outcome)
        if traits.isStateful { lose(call.episode, at: now) }
    }

    /// Gives what waits to workers that have room.
    mutating func dispatch(at now: ContinuousClock.Instant) {
        while !queue.isEmpty || !unbound.isEmpty, let position = leastLoaded() {
            if let call = queue.popFirst() {
                waiting -= 1
                send(call, as: .live, to: position, at: now)
            } else if let key = unbound.popFirst() {
                begin(key, on: position, at: now)
            }
        }
    }

    /// A worker answered a score.
    mutating func outcome(
        _ result: ComponentResult,
        of id: UInt64,
        from worker: WorkerID,
        at now: ContinuousClock.Instant
    ) {
        guard let position = position(of: worker), !workers[position].isEnding else {
            statistics.lateAnswers += 1
            return
        }
        guard let index = workers[position].entries.firstIndex(where: { $0.id == id }) else {
            statistics.unknownAnswers += 1
            return
        }
        let entry = workers[position].entries.remove(at: index)
        if index == 0 { oldestChanged(position, at: now) }
        if !workers[position].hasAnswered {
            workers[position].hasAnswered = true
            restarts.succeeded()
            balance(at: now)
        }
        settle(entry, result)
        if traits.isStateful { advance(entry, wasRead: result.outcome.kind != .unreadable, on: position, at: now) }
        dispatch(at: now)
    }

    private mutating func settle(_ entry: Entry, _ result: ComponentResult) {
        switch entry.standing {
        case .live: act(.answer(entry.call, result))
        case .answered, .abandoned: statistics.lateAnswers += 1
        case .replay: break
        }
    }

    /// Gives a call that its worker has not begun, or will not finish, to another worker, ahead of what waits.
    mutating func move(_ call: PooledCall, at now: ContinuousClock.Instant) {
        episodes[call.episode]?.isBusy = false
        guard call.moves < options.movesMax else {
            return reject(call, .failed(.crash, message: "its workers ended \(call.moves + 1) times"), at: now)
        }
        if traits.isStateful, episodes[call.episode]?.isLost ?? true {
            return reject(call, .failed(.stateLost), at: now)
        }
        var call = call
        call.moves += 1
        statistics.moves += 1
        waiting += 1
        if traits.isStateful {
            episodes[call.episode]?.waiting.prepend(call)
            schedule(call.episode, at: now)
        } else {
            queue.prepend(call)
        }
    }
}
