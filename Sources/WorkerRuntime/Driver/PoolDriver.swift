import AdapterSeam
import Logging
import NIOCore
import RewardModel

/// Does what a ``WorkerPool`` decides: runs its processes, carries its messages, keeps its alarm, answers its sinks.
///
/// Confined to one event loop; not Sendable. Events are fed to the pool as they come; what it asks for is done once per
/// tick of the loop, so that a burst of calls leaves in one frame and a burst of answers arrives in one batch.
final class PoolDriver {
    private let launch: WorkerLaunch
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let publish: (WorkerStatistics) -> Void

    private var pool: WorkerPool
    private var processes: [WorkerID: WorkerProcess] = [:]
    private var outputDropped = 0
    private var isTickScheduled = false
    private var alarm: (instant: ContinuousClock.Instant, timer: Scheduled<Void>)?

    /// Of the first worker; the others must give the same.
    private var description: ComponentDescription?
    private var loading: EventLoopPromise<ComponentDescription>?
    private var loadError: (any Error)?
    private var retirements: [EventLoopPromise<Void>] = []

    /// - Parameter publish: called on the event loop after each tick.
    init(
        _ launch: WorkerLaunch,
        on eventLoop: any EventLoop,
        logger: Logger,
        publish: @escaping (WorkerStatistics) -> Void
    ) {
        self.launch = launch
        self.eventLoop = eventLoop
        self.logger = logger
        self.publish = publish
        pool = WorkerPool(launch.options)
    }

    // MARK: - Events from the component

    /// Starts the first worker; call once. Fails with a ``BridgeError``, or as ``abandon(_:)`` says, when nothing of the
    /// worker is left.
    func load() -> EventLoopFuture<ComponentDescription> {
        if let loadError { return eventLoop.makeFailedFuture(loadError) }
        let promise = eventLoop.makePromise(of: ComponentDescription.self)
        loading = promise
        pool.begin()
        tick()
        return promise.futureResult
    }

    /// Gives up loading, unless it is done; then ``load()`` fails with this error.
    func abandon(_ error: any Error) {
        loadError = loadError ?? error
        guard loading != nil else { return }
        pool.retire(at: .now)
        tick()
    }

    func take(_ events: [ComponentEvent]) {
        let now = ContinuousClock.now
        for event in events {
            switch event {
            case .open(let episode): pool.open(episode)
            case .score(let calls): pool.submit(calls, at: now)
            case .close(let episode): pool.close(episode)
            }
        }
        tick()
    }

    /// Succeeds when all calls are answered and nothing of the workers is left.
    func retire() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        retirements.append(promise)
        pool.retire(at: .now)
        tick()
        return promise.futureResult
    }

    // MARK: - Events from the processes

    private func handle(_ report: WorkerProcess.Report, from id: WorkerID) {
        let now = ContinuousClock.now
        switch report {
        case .broke, .exited: noteProgress(of: id)
        default: break
        }
        switch report {
        case .loaded(let description): loaded(description, id, at: now)
        case .failed(let failure): failed(failure, id, at: now)
        case .outcome(let score, let result): pool.outcome(result, of: score, from: id, at: now)
        case .broke(let breach):
            log(.warning, "a worker broke the protocol", id, reason: breach.message)
            pool.workerBroke(id, message: "the worker sent \(breach.message)", at: now)
        case .closed: pool.workerClosed(id, at: now)
        case .exited(let status):
            log(pool.isExpectedToEnd(id) ? .debug : .warning, "a worker ended", id, reason: "\(status)")
            pool.workerExited(id, status: "\(status)", at: now)
        case .gone:
            processes[id] = nil
            pool.workerExited(id, status: "", at: now)
        case .outputDropped(let count): outputDropped += count
        }
        scheduleTick()
    }

    private func noteProgress(of id: WorkerID) {
        if let process = processes[id] { pool.workerRuns(process.runningScore, id) }
    }

    private func loaded(_ description: ComponentDescription, _ id: WorkerID, at now: ContinuousClock.Instant) {
        if let failure = difference(of: description) {
            processes[id]?.refuse(failure)
            return
        }
        let traits = ComponentTraits(isStateful: description.isStateful, isAsynchronous: description.isAsynchronous)
        pool.workerLoaded(id, traits: traits, at: now)
        log(.debug, "a worker is ready", id)
        self.description = description
        loading?.succeed(description)
        loading = nil
    }

    /// What makes this another version than the one that calls are made for; nil: nothing.
    private func difference(of description: ComponentDescription) -> StartFailure? {
        let expected = self.description?.distributions ?? launch.source.expected
        if let expected, let text = Distribution.difference(expected, description.distributions) {
            return versionFailure(text)
        }
        if let first = self.description, !first.isAlike(description) {
            return versionFailure("the component describes itself differently than before")
        }
        return nil
    }

    private func versionFailure(_ text: String) -> StartFailure {
        let error = BridgeError(
            .rubric,
            "could not load '\(launch.name)': its version was made with other code: \(text)",
            hint: "install those versions again, or make a new version of the rubric"
        )
        return StartFailure(kind: .versionUnavailable, error: error)
    }

    private func failed(_ failure: StartFailure, _ id: WorkerID, at now: ContinuousClock.Instant) {
        if loading != nil {
            loadError = loadError ?? failure.error
            pool.retire(at: now)
        } else if !pool.isRetiring {
            log(.error, "could not start a worker", id, reason: failure.error.message)
        }
        pool.workerFailed(id, kind: failure.kind, at: now)
    }

    // MARK: - Actions

    private func scheduleTick() {
        guard !isTickScheduled else { return }
        isTickScheduled = true
        let me = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { me.value.tick() }
    }

    private func tick() {
        isTickScheduled = false
        var answers = AnswerBatches()
        var written: Set<WorkerID> = []
        for action in pool.takeActions() {
            switch action {
            case .start(let id): start(id)
            case .send(let id, let message):
                processes[id]?.send(message)
                written.insert(id)
            case .kill(let id):
                log(.info, "a worker is killed", id)
                processes[id]?.kill()
            case .answer(let call, let result): answers.add(call, result)
            }
        }
        for id in written { processes[id]?.flush() }
        setAlarm()
        var statistics = pool.snapshot
        statistics.outputDropped = outputDropped
        publish(statistics)
        answers.deliver()
        finishIfRetired()
    }

    private func start(_ id: WorkerID) {
        let me = NIOLoopBound(self, eventLoop: eventLoop)
        var logger = logger
        logger[metadataKey: "worker"] = "\(launch.name)#\(id.number)"
        let process = WorkerProcess(launch, on: eventLoop, logger: logger) { me.value.handle($0, from: id) }
        processes[id] = process
        process.start()
    }

    private func setAlarm() {
        guard let instant = pool.alarm else { return }
        if let alarm, alarm.instant <= instant { return }
        alarm?.timer.cancel()
        let me = NIOLoopBound(self, eventLoop: eventLoop)
        // Rounded up: an alarm that rings too early would ring again at once.
        let wait = TimeAmount(ContinuousClock.now.duration(to: instant)) + .microseconds(100)
        alarm = (instant, eventLoop.scheduleTask(in: wait) { me.value.alarmRang() })
    }

    private func alarmRang() {
        alarm = nil
        for id in processes.keys { noteProgress(of: id) }
        pool.alarmRang(at: .now)
        tick()
    }

    private func finishIfRetired() {
        guard pool.isRetired, processes.isEmpty else { return }
        alarm?.timer.cancel()
        alarm = nil
        loading?.fail(loadError ?? CancellationError())
        loading = nil
        for promise in retirements { promise.succeed() }
        retirements = []
    }

    private func log(_ level: Logger.Level, _ message: Logger.Message, _ id: WorkerID, reason: String? = nil) {
        var metadata: Logger.Metadata = ["worker": "\(launch.name)#\(id.number)"]
        if let reason { metadata["reason"] = "\(reason)" }
        logger.log(level: level, message, metadata: metadata)
    }
}

extension Distribution {
    /// The first difference between what a version was made with and what is installed, in words.
    fileprivate static func difference(_ expected: [Distribution], _ found: [Distribution]) -> String? {
        let found = Dictionary(found.map { ($0.name, $0) }) { first, _ in first }
        for expected in expected {
            guard let found = found[expected.name] else { return "\(expected.name) \(expected.version) is missing" }
            if found.version != expected.version {
                return "\(expected.name) was \(expected.version) and is \(found.version)"
            }
            if found.recordSHA256 != expected.recordSHA256 {
                return "the files of \(expected.name) \(expected.version) are others"
            }
        }
        let names = Set(expected.map(\.name))
        return found.keys.filter { !names.contains($0) }.min().map { "\($0) was not there" }
    }
}
