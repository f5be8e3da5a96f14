import Glibc
import UnixSignals

/// Why the bridge stops.
enum StopReason: Sendable {
    case signal(Int32)
    /// The environment that the bridge started ended first.
    case environmentEnded(status: Int32)
}

/// Turns SIGTERM and SIGINT into one request to stop; the second one ends the process at once, leaving it to the death
/// signal to end the children.
struct StopSignals {
    /// Runs until cancelled.
    static func watch(_ stop: @Sendable (StopReason) -> Void) async {
        var isStopping = false
        for await signal in await UnixSignalsSequence(trapping: .sigterm, .sigint) {
            let number = signal == .sigint ? SIGINT : SIGTERM
            if isStopping { _exit(128 + number) }
            isStopping = true
            stop(.signal(number))
        }
    }
}
