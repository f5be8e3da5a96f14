import Glibc
import Scoring

/// The two clocks of the operating system.
enum WallClock {
    static func now() -> Moment {
        Moment(instant: .now, milliseconds: milliseconds())
    }

    /// Since 1970-01-01T00:00Z; clock_gettime(2).
    static func milliseconds() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
