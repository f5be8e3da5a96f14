import Glibc

/// The clock that Python's `time.monotonic_ns` reads too; `ContinuousClock` is another one on Linux.
enum MonotonicClock {
    /// Nanoseconds.
    static var now: UInt64 {
        var time = timespec()
        // Cannot fail: the clock exists, and the address is good (clock_gettime(2)).
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    static func instant(after duration: Duration) -> UInt64 {
        now + duration.nanoseconds
    }
}

extension Duration {
    /// 0 for negative ones.
    var nanoseconds: UInt64 {
        guard self > .zero else { return 0 }
        let (seconds, attoseconds) = components
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
