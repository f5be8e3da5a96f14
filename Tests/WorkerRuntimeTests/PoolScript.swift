import AdapterSeam
import JSONBytes
import RewardModel

@testable import WorkerRuntime

/// Drives a ``WorkerPool`` with a made-up clock and writes down what it asks for, one line an action.
///
/// A call's record is its ticket, so that a message names the call that it carries; `!` asks for its outcome at once.
struct PoolScript {
    var pool: WorkerPool
    var now = ContinuousClock.now
    private let sink = SinkReference(NoSink())
    private var scores: [Int: [Int: UInt64]] = [:]
    let traits: ComponentTraits

    init(_ traits: ComponentTraits = ComponentTraits(), change: (inout WorkerOptions) -> Void = { _ in }) {
        var options = WorkerOptions.forTests
        options.spares = 0
        options.workers = 1
        change(&options)
        self.traits = traits
        pool = WorkerPool(options)
        pool.begin()
        pool.workerLoaded(WorkerID(number: 0), traits: traits, at: now)
        for number in 1..<max(pool.workers.count, 1) {
            pool.workerLoaded(WorkerID(number: number), traits: traits, at: now)
        }
        _ = lines()
    }

    // MARK: - Events

    mutating func submit(_ tickets: Int..., episode: Int = 0, within deadline: Duration = .seconds(30)) -> [String] {
        let calls = tickets.map { ticket in
            ScoreCall(
                ticket: UInt64(ticket),
                episode: .number(episode),
                record: RawJSON(text: "\(ticket)"),
                deadline: now + deadline
            )
        }
        pool.submit(calls.map { PooledCall($0, sink: sink) }, at: now)
        return lines()
    }

    mutating func open(_ episodes: Int...) {
        for episode in episodes { pool.open(.number(episode)) }
    }

    mutating func close(_ episode: Int) -> [String] {
        pool.close(.number(episode))
        return lines()
    }

    /// The worker answers the score that it was last sent with this ticket.
    mutating func answers(_ worker: Int, _ ticket: Int) -> [String] {
        pool.outcome(
            ComponentResult(.scored(Double(ticket))),
            of: scores[worker]?[ticket] ?? 0,
            from: WorkerID(number: worker),
            at: now
        )
        return lines()
    }

    /// The worker says that it runs the score that it was last sent with this ticket.
    mutating func runs(_ worker: Int, _ ticket: Int) {
        pool.workerRuns(scores[worker]?[ticket] ?? 0, WorkerID(number: worker))
    }

    mutating func loaded(_ worker: Int) -> [String] {
        pool.workerLoaded(WorkerID(number: worker), traits: traits, at: now)
        return lines()
    }

    mutating func failed(_ worker: Int, _ kind: OutcomeKind = .unavailable) -> [String] {
        pool.workerFailed(WorkerID(number: worker), kind: kind, at: now)
        return lines()
    }

    mutating func exited(_ worker: Int) -> [String] {
        pool.workerExited(WorkerID(number: worker), status: "signal 9", at: now)
        return lines()
    }

    mutating func broke(_ worker: Int) -> [String] {
        pool.workerBroke(WorkerID(number: worker), message: "nonsense", at: now)
        return lines()
    }

    mutating func closed(_ worker: Int) -> [String] {
        pool.workerClosed(WorkerID(number: worker), at: now)
        return lines()
    }

    mutating func retire() -> [String] {
        pool.retire(at: now)
        return lines()
    }

    /// Lets time pass; the alarm rings whenever it is due.
    mutating func wait(_ duration: Duration) -> [String] {
        let end = now + duration
        while let alarm = pool.alarm, alarm <= end {
            now = max(now, alarm)
            pool.alarmRang(at: now)
            precondition(pool.alarm.map { $0 > now } ?? true, "an alarm that rings for ever")
        }
        now = end
        return lines()
    }

    // MARK: - Actions

    private mutating func lines() -> [String] {
        pool.takeActions().map { line($0) }
    }

    private mutating func line(_ action: WorkerPool.Action) -> String {
        switch action {
        case .start(let worker): return "start \(worker.number)"
        case .kill(let worker): return "kill \(worker.number)"
        case .answer(let call, let result): return "\(call.ticket) \(result.outcome.brief)"
        case .send(let worker, let message): return "\(worker.number): \(text(message, worker.number))"
        }
    }

    private mutating func text(_ message: WorkerMessage, _ worker: Int) -> String {
        switch message {
        case .load: return "load"
        case .open(let episode): return "open e\(episode.number)"
        case .close(let episode): return "close e\(episode.number)"
        case .score(let id, _, let record, let isReplay, let atOnce):
            scores[worker, default: [:]][Int(record.text) ?? -1] = id
            return "\(isReplay ? "replay" : "score") \(record.text)\(atOnce ? "!" : "")"
        case .stop: return "stop"
        }
    }
}

private struct NoSink: ScoreSink {
    func receive(_ answers: [ScoreAnswer]) {}
}

extension Outcome {
    /// `1.0`, or status and kind.
    var brief: String {
        value.map { "\($0)" } ?? "\(status) \(kind.map(\.rawValue) ?? "")"
    }
}

extension EpisodeKey {
    static func number(_ number: Int) -> EpisodeKey {
        EpisodeKey(session: SessionID(high: 1, low: 2), number: number)
    }
}
