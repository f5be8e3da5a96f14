package import RewardModel

/// How worker processes are run.
package struct WorkerPoolOptions: Sendable, Hashable {
    package var workers = 2
    package var spares = 1
    package var inFlight = 32
    package var queueMax = 10_000
    package var batchWait = Duration.zero
    package var callTimeout = Duration.seconds(5)
    package var hangAfter = Duration.seconds(1)
    package var startTimeout = Duration.seconds(30)
    package var loadTimeout = Duration.seconds(60)
    package var stopTimeout = Duration.seconds(2)
    package var memoryMax: ByteCount?
    package var outputMax = ByteCount.mebibytes(1)
    package var frameMax = ByteCount.mebibytes(64)
    package var replayMax = ByteCount.mebibytes(8)
    package var movesMax = 2
    package var sandbox = Sandbox.preferred
    package var restart = RestartOptions()

    package init() {}
}

extension WorkerPoolOptions: SettingSection {
    static let settings: [Setting<WorkerPoolOptions>] = [
        Setting("workers", \.workers, in: 1...1024, "Worker processes of each component."),
        Setting("spares", \.spares, in: 0...64, "Started and loaded processes that wait to replace one."),
        Setting("in_flight", \.inFlight, in: 1...65_536, "Calls that a worker holds at a time."),
        Setting("queue_max", \.queueMax, in: 1...10_000_000, "Calls that wait for a worker; more are `overloaded`."),
        Setting(
            "batch_wait",
            \.batchWait,
            in: .zero ... .seconds(60),
            "How long a call of an `elementwise` component waits for others, to be scored with them."
        ),
        Setting("call_timeout", \.callTimeout, in: .positive, "How long a worker's oldest call may run."),
        Setting("hang_after", \.hangAfter, in: .positive, "When the calls queued behind a running one are moved away."),
        Setting("start_timeout", \.startTimeout, in: .positive, "From a worker's start to its first word."),
        Setting("load_timeout", \.loadTimeout, in: .positive, "From there to its component being loaded."),
        Setting("stop_timeout", \.stopTimeout, in: .positive, "From asking a worker to stop to killing it."),
        Setting("memory_max", \.memoryMax, "Address space of a worker; none sets no limit."),
        Setting("output_max", \.outputMax, "Bytes of a worker's output that are logged; the rest is counted."),
        Setting("frame_max", \.frameMax, in: .frame, "The largest frame to and from a worker."),
        Setting("replay_max", \.replayMax, "Steps kept of a stateful episode, to rebuild it in another worker."),
        Setting("moves_max", \.movesMax, in: 0...100, "How often a call is moved to another worker."),
        Setting("sandbox", \.sandbox, "Whether workers run inside bubblewrap."),
        Setting(section: "restart", \.restart, "How dead workers are replaced."),
    ]
}

/// How dead workers are replaced: after a pause that doubles, and not at all while they keep dying.
package struct RestartOptions: Sendable, Hashable {
    package var initial = Duration.milliseconds(100)
    package var maximum = Duration.seconds(30)
    package var failures = 5
    package var window = Duration.seconds(60)
    package var cooldown = Duration.seconds(30)

    package init() {}
}

extension RestartOptions: SettingSection {
    static let settings: [Setting<RestartOptions>] = [
        Setting("initial", \.initial, in: .positive, "The first pause."),
        Setting("maximum", \.maximum, in: .positive, "The longest pause."),
        Setting("failures", \.failures, in: 1...1000, "Deaths within the window that open the circuit."),
        Setting("window", \.window, in: .positive, "The time in which deaths are counted."),
        Setting("cooldown", \.cooldown, in: .positive, "How long the circuit stays open."),
    ]
}

extension ClosedRange<Duration> {
    /// Anything but zero, up to ten years.
    static let positive = Duration.microseconds(1)...Duration.seconds(315_360_000)
}

extension ClosedRange<ByteCount> {
    /// The count of a frame has 32 bits; half of them keeps it an `Int32` in other languages.
    static let frame = ByteCount.kibibytes(1)...ByteCount(Int(Int32.max))
}
