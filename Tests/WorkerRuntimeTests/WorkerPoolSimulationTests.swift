import AdapterSeam
import JSONBytes
import RewardModel
import Testing

@testable import WorkerRuntime

/// Random calls, deaths, hangs and deadlines against a model of what workers do, in made-up time.
@Suite("WorkerPool: simulation")
struct WorkerPoolSimulationTests {
    @Test("every call is answered once, in order within its episode, with the number an undisturbed episode gives")
    func exactlyOnce() throws {
        for seed in 0..<300 {
            for traits in [
                ComponentTraits(),
                ComponentTraits(isStateful: true),
                ComponentTraits(isAsynchronous: true),
                ComponentTraits(isStateful: true, isAsynchronous: true),
            ] {
                var simulation = Simulation(traits, seed: UInt64(seed))
                simulation.run()
                #expect(simulation.problems == [], "seed \(seed), \(traits)")
            }
        }
    }
}

/// The model: each worker counts the scores of each episode; the answer is the count. A number that is not the call's own
/// ordinal therefore tells of a step lost, doubled or played to the wrong state.
private struct Simulation {
    private final class State {
        var count = 0
    }

    private struct Worker {
        var states: [EpisodeKey: State] = [:]
        /// Scores with the state that they will work on; a worker reads in order, so that a close does not touch them.
        var inbox: [Score] = []
        /// Outcomes of a synchronous component that wait to leave together.
        var held: [(id: UInt64, value: Double)] = []
    }

    private struct Score {
        let id: UInt64
        let state: State?
        let atOnce: Bool
    }

    private let traits: ComponentTraits
    private var random: SplitMix
    private var pool: WorkerPool
    private var now = ContinuousClock.now
    private var workers: [WorkerID: Worker] = [:]
    private var starting: [WorkerID] = []
    private var open: [Int: Int] = [:]
    private var nextEpisode = 0
    private var ordinals: [UInt64: Int] = [:]
    private var unanswered: Set<UInt64> = []
    private var lastAnswered: [EpisodeKey: UInt64] = [:]
    private let sink = SinkReference(Nowhere())
    var problems: [String] = []

    init(_ traits: ComponentTraits, seed: UInt64) {
        self.traits = traits
        random = SplitMix(state: seed)
        var options = WorkerOptions.forTests
        (options.workers, options.spares, options.inFlight, options.queueMax) = (2, 1, 4, 20)
        options.replayMax = 40
        pool = WorkerPool(options)
    }

    mutating func run() {
        pool.begin()
        act()
        for _ in 0..<400 {
            step()
            act()
            if let alarm = pool.alarm, alarm <= now { problems.append("the alarm was not rung") }
        }
        pool.retire(at: now)
        act()
        for worker in workers.keys { pool.workerExited(worker, status: "", at: now) }
        for worker in starting { pool.workerFailed(worker, kind: .crash, at: now) }
        if !pool.isRetired { problems.append("not retired") }
        if !unanswered.isEmpty { problems.append("unanswered: \(unanswered.sorted())") }
        if pool.waiting != 0 { problems.append("\(pool.waiting) calls are said to wait") }
        if !pool.episodes.isEmpty { problems.append("episodes are left") }
    }

    private mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case ..<10: openEpisode()
        case ..<40: submit()
        case ..<45: closeEpisode()
        case ..<80: answer()
        case ..<83: crash()
        case ..<93: load()
        default: pass(.milliseconds(Int.random(in: 1...3_000, using: &random)))
        }
    }

    // MARK: - Events

    private mutating func openEpisode() {
        guard !workers.isEmpty || nextEpisode > 0 else { return }
        open[nextEpisode] = 0
        pool.open(.number(nextEpisode))
        nextEpisode += 1
    }

    private mutating func closeEpisode() {
        guard let (number, _) = open.sorted(by: { $0.key < $1.key }).randomElement(using: &random) else { return }
        open[number] = nil
        pool.close(.number(number))
    }

    private mutating func submit() {
        guard let number = open.keys.sorted().randomElement(using: &random), let count = open[number] else { return }
        let ticket = UInt64(ordinals.count + 1)
        open[number] = count + 1
        ordinals[ticket] = count + 1
        unanswered.insert(ticket)
        let wait = Duration.milliseconds(Int.random(in: 0...8_000, using: &random))
        let call = ScoreCall(ticket: ticket, episode: .number(number), record: RawJSON("{}"), deadline: now + wait)
        pool.submit([PooledCall(call, sink: sink)], at: now)
    }

    private mutating func answer() {
        let busy = workers.filter { !$0.value.inbox.isEmpty }.keys.sorted { $0.number < $1.number }
        guard let id = busy.randomElement(using: &random), var worker = workers[id] else { return }
        let index = traits.isAsynchronous ? Int.random(in: worker.inbox.indices, using: &random) : 0
        let score = worker.inbox.remove(at: index)
        workers[id] = worker
        score.state?.count += 1
        workers[id]?.held.append((score.id, Double(score.state?.count ?? 0)))
        let isHeld = !traits.isAsynchronous && !score.atOnce && !worker.inbox.isEmpty && Bool.random(using: &random)
        if !isHeld { flush(id) }
    }

    private mutating func flush(_ id: WorkerID) {
        let held = workers[id]?.held ?? []
        workers[id]?.held = []
        for (score, value) in held { pool.outcome(ComponentResult(.scored(value)), of: score, from: id, at: now) }
    }

    /// What the driver does before it tells of an alarm or an end.
    private mutating func noteProgress() {
        for (id, worker) in workers { pool.workerRuns(worker.inbox.first?.id ?? 0, id) }
    }

    private mutating func crash() {
        guard let id = workers.keys.sorted(by: { $0.number < $1.number }).randomElement(using: &random) else { return }
        noteProgress()
        workers[id] = nil
        pool.workerExited(id, status: "signal 11", at: now)
    }

    private mutating func load() {
        guard !starting.isEmpty else { return }
        let id = starting.removeFirst()
        if Int.random(in: 0..<10, using: &random) == 0 {
            pool.workerFailed(id, kind: .unavailable, at: now)
        } else {
            workers[id] = Worker()
            pool.workerLoaded(id, traits: traits, at: now)
        }
    }

    private mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let alarm = pool.alarm, alarm <= end {
            now = max(now, alarm)
            noteProgress()
            pool.alarmRang(at: now)
            act()
        }
        now = end
    }

    // MARK: - Actions

    private mutating func act() {
        for action in pool.takeActions() {
            switch action {
            case .start(let id): starting.append(id)
            case .kill(let id):
                workers[id] = nil
                starting.removeAll { $0 == id }
                pool.workerExited(id, status: "signal 9", at: now)
            case .send(let id, let message): receive(message, id)
            case .answer(let call, let result): check(call, result.outcome)
            }
        }
    }

    private mutating func receive(_ message: WorkerMessage, _ id: WorkerID) {
        switch message {
        case .open(let episode):
            if workers[id]?.states[episode] != nil { problems.append("opened twice") }
            workers[id]?.states[episode] = State()
        case .close(let episode): workers[id]?.states[episode] = nil
        case .score(let score, let episode, _, _, let atOnce):
            guard let worker = workers[id] else { return problems.append("a score for a worker that has ended") }
            if worker.inbox.contains(where: { $0.state != nil && $0.state === worker.states[episode] }) {
                problems.append("two scores of one episode at once")
            }
            workers[id]?.inbox.append(Score(id: score, state: worker.states[episode], atOnce: atOnce))
            if worker.inbox.count + worker.held.count >= 4 { problems.append("more than in_flight") }
        case .load, .stop: break
        }
    }

    private mutating func check(_ call: PooledCall, _ outcome: Outcome) {
        if unanswered.remove(call.ticket) == nil { problems.append("\(call.ticket) was answered twice") }
        guard traits.isStateful, let value = outcome.value else { return }
        if Int(value) != ordinals[call.ticket] {
            problems.append("\(call.ticket) is step \(ordinals[call.ticket] ?? 0) and was scored as step \(value)")
        }
        if let last = lastAnswered[call.episode], last > call.ticket {
            problems.append("\(call.ticket) came after \(last)")
        }
        lastAnswered[call.episode] = call.ticket
    }
}

private struct Nowhere: ScoreSink {
    func receive(_ answers: [ScoreAnswer]) {}
}

/// Seeded, so that a failure can be run again (Steele, Lea and Flood 2014).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
