import Glibc
import NIOPosix
import PythonEmbedding
import RewardModel

/// Answers calls whose deadline passed, interrupts the running one, and gives the interpreter up if that does not help.
///
/// Runs on a thread of its own, because the interpreter's is the one that may be stuck; it needs no lock of Python's.
final class Watchdog: Sendable {
    /// Between two looks; a deadline is kept to that much.
    private static let interval: useconds_t = 10_000

    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let overdue: SharedWord
    private let calls: OpenCalls
    private let python: PythonThread
    private let onGivingUp: @Sendable () -> Void

    init(
        _ overdue: SharedWord,
        calls: OpenCalls,
        python: PythonThread,
        onGivingUp: @escaping @Sendable () -> Void
    ) {
        self.overdue = overdue
        self.calls = calls
        self.python = python
        self.onGivingUp = onGivingUp
    }

    /// Watches until the interpreter is given up, or the process ends.
    func start(patience: Duration, signal: Int32) {
        thread.start()
        thread.submit { [self] _ in watch(Watch(patience: patience.nanoseconds), signal) }
    }

    private func watch(_ watch: Watch, _ signal: Int32) {
        var watch = watch
        while true {
            usleep(Self.interval)
            for call in calls.takeExpired(at: .now) { call.answer(.expired(wasRunning: call.isRunning)) }
            switch watch.look(until: overdue.value, now: MonotonicClock.now) {
            case .nothing: break
            case .interrupt: python.interrupt(signal)
            case .giveUp: return onGivingUp()
            }
        }
    }
}

extension Outcome {
    static func expired(wasRunning: Bool) -> Outcome {
        wasRunning
            ? .failed(.timeout, message: "the call ran past its deadline")
            : .failed(.overloaded, message: "the call waited past its deadline")
    }
}
