import CEpoll
import Glibc

/// Two threads that wake each other over eventfd, as the bridge does, and sleep in between: an idle core has to wake too.
enum Handover {
    static func medianRoundTrip(rounds: Int) -> Duration {
        let ends = Ends()
        var echo = pthread_t()
        pthread_create(
            &echo,
            nil,
            { argument in
                let ends = Unmanaged<Ends>.fromOpaque(argument!).takeRetainedValue()
                while ends.there.wait() { ends.back.ring() }
                return nil
            },
            Unmanaged.passRetained(ends).toOpaque()
        )
        let clock = ContinuousClock()
        let times = (0..<rounds).map { _ in
            clock.measure {
                ends.there.ring()
                _ = ends.back.wait()
            }
        }
        return times.sorted()[rounds / 2]
    }

    private final class Ends: Sendable {
        let there = Bell()
        let back = Bell()
    }

    private struct Bell: Sendable {
        private let descriptor: Int32

        init() {
            descriptor = eventfd(0, 0)
            precondition(descriptor >= 0, "eventfd(2) fails only when descriptors or memory are out")
        }

        func ring() { eventfd_write(descriptor, 1) }

        func wait() -> Bool {
            var count: eventfd_t = 0
            return eventfd_read(descriptor, &count) == 0
        }
    }
}
