import AdapterSeam
import DequeModule
import JSONBytes
import RewardModel

/// Decides which worker scores which call, and what becomes of the calls of a worker that hangs, errs or ends.
///
/// A pure state machine: an event goes in with the time it happened, ``takeActions()`` gives what is to be done. Whoever
/// drives it calls ``alarmRang(at:)`` at ``alarm``. Calls wait in ``queue``, or, when the component is stateful, in their
/// episode, until a worker has room; from then on they are entries of that worker until they are answered or moved.
struct WorkerPool {
    enum Action {
        /// Start a process; answered by ``workerLoaded(_:traits:at:)`` or ``workerFailed(_:kind:at:)``.
        case start(WorkerID)
        case send(WorkerID, WorkerMessage)
        /// SIGKILL to the group; answered by ``workerExited(_:status:at:)``.
        case kill(WorkerID)
        case answer(PooledCall, ComponentResult)
    }

    let options: WorkerOptions
    var traits = ComponentTraits()
    /// Oldest first. The first ``WorkerOptions/workers`` that are fit take new calls; those behind them are spares.
    var workers: [Worker] = []
    /// Calls of a stateless component that wait for a worker, oldest first.
    var queue: Deque<PooledCall> = []
    var episodes: [EpisodeKey: Episode] = [:]
    /// Episodes that have a call to send and no worker, in the order in which they came.
    var unbound: Deque<EpisodeKey> = []
    /// Calls that wait, in the queue and in all episodes.
    var waiting = 0
    var restarts: Restarts
    /// What calls fail with when there is no worker.
    var unavailability = OutcomeKind.unavailable
    var isRetiring = false
    var statistics = WorkerStatistics()
    /// When ``alarmRang(at:)`` must be called at the latest.
    private(set) var alarm: ContinuousClock.Instant?
    private var actions: [Action] = []
    private var workersStarted = 0
    private var scoresSent: UInt64 = 0

    init(_ options: WorkerOptions) {
        self.options = options
        restarts = Restarts(options.restart)
    }

    /// What the events since the last time ask for, in order.
    mutating func takeActions() -> [Action] {
        defer { actions.removeAll(keepingCapacity: true) }
        return actions
    }

    /// All processes have ended, and none will be started.
    var isRetired: Bool { isRetiring && workers.isEmpty }

    /// The worker was killed, or asked to stop.
    func isExpectedToEnd(_ id: WorkerID) -> Bool {
        workers.first { $0.id == id }?.isEnding ?? true
    }

    /// The statistics with the pool's state of now.
    var snapshot: WorkerStatistics {
        var snapshot = statistics
        snapshot.ready = workers.count { $0.isFit }
        snapshot.waiting = waiting
        snapshot.running = workers.reduce(0) { $0 + $1.entries.count { $0.standing != .replay } }
        return snapshot
    }

    // MARK: - Shared by the parts of the machine

    mutating func act(_ action: Action) {
        actions.append(action)
    }

    mutating func answer(_ call: PooledCall, _ outcome: Outcome) {
        act(.answer(call, ComponentResult(outcome)))
    }

    mutating func wake(at instant: ContinuousClock.Instant) {
        alarm = alarm.map { min($0, instant) } ?? instant
    }

    mutating func clearAlarm() {
        alarm = nil
    }

    mutating func nextScoreID() -> UInt64 {
        scoresSent += 1
        return scoresSent
    }

    mutating func startWorker() {
        let worker = Worker(id: WorkerID(number: workersStarted))
        workersStarted += 1
        workers.append(worker)
        statistics.starts += 1
        restarts.started()
        act(.start(worker.id))
    }

    func position(of id: WorkerID) -> Int? {
        workers.firstIndex { $0.id == id }
    }
}

/// A process of a pool; ids are never used again.
struct WorkerID: Sendable, Hashable {
    let number: Int
}

/// What of a component's description decides how it is scheduled.
struct ComponentTraits: Sendable, Hashable {
    var isStateful = false
    var isAsynchronous = false
}
