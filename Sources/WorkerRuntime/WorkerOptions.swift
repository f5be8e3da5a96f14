package import RewardModel

/// The settings of the worker runtime. The configuration owns their defaults.
package struct WorkerOptions: Sendable, Hashable {
    // MARK: Pool, for each component

    /// Processes that take calls.
    package var workers: Int
    /// Loaded processes that take over when another hangs or ends.
    package var spares: Int
    /// Calls that one worker holds at a time.
    package var inFlight: Int
    /// Calls that wait for a worker; more are `failed(overloaded)`.
    package var queueMax: Int
    /// How long a call of an elementwise component waits for others, to be scored with them in one call.
    package var batchWait: Duration
    /// How often a call may change its worker before it is `failed(crash)`.
    package var movesMax: Int
    /// Bytes of records that are kept of an episode, to rebuild it.
    package var replayMax: Int
    package var restart: RestartPolicy

    // MARK: Time

    /// How long a call may run; its worker is killed then.
    package var callTimeout: Duration
    /// How long a call may run before those behind it go to another worker.
    package var hangAfter: Duration
    /// Until `hello`.
    package var startTimeout: Duration
    /// From `load` to `loaded`.
    package var loadTimeout: Duration
    /// From `stop`, or from the end of its socket, to the end of the process.
    package var stopTimeout: Duration

    // MARK: Bytes

    /// Of one frame.
    package var frameMax: Int
    /// Of standard output and standard error of one worker, each; the rest is dropped and counted.
    package var outputMax: Int
    /// Address space of one worker; nil: no limit.
    package var memory: Int?

    // MARK: Place

    package var sandbox: Sandbox
    /// Hidden from sandboxed workers, but for the version's root; nil: there is none.
    package var stateFolder: String?
    /// Where workers' temporary folders are made.
    package var temporaryFolder: String
    /// The folder that holds the Python package `rewardbridge`.
    package var adapters: String
    /// The bridge's own environment, of which workers see what is allowed.
    package var environment: [String: String]
    /// Workers that can make their calls on a second thread do so; no configuration asks for it.
    package var callsOnSecondThread = false

    package init(
        workers: Int,
        spares: Int,
        inFlight: Int,
        queueMax: Int,
        batchWait: Duration,
        movesMax: Int,
        replayMax: Int,
        restart: RestartPolicy,
        callTimeout: Duration,
        hangAfter: Duration,
        startTimeout: Duration,
        loadTimeout: Duration,
        stopTimeout: Duration,
        frameMax: Int,
        outputMax: Int,
        memory: Int?,
        sandbox: Sandbox,
        stateFolder: String?,
        temporaryFolder: String,
        adapters: String,
        environment: [String: String]
    ) {
        self.workers = workers
        self.spares = spares
        self.inFlight = inFlight
        self.queueMax = queueMax
        self.batchWait = batchWait
        self.movesMax = movesMax
        self.replayMax = replayMax
        self.restart = restart
        self.callTimeout = callTimeout
        self.hangAfter = hangAfter
        self.startTimeout = startTimeout
        self.loadTimeout = loadTimeout
        self.stopTimeout = stopTimeout
        self.frameMax = frameMax
        self.outputMax = outputMax
        self.memory = memory
        self.sandbox = sandbox
        self.stateFolder = stateFolder
        self.temporaryFolder = temporaryFolder
        self.adapters = adapters
        self.environment = environment
    }
}
