import CEpoll
import Glibc

/// Says which descriptors can be read, many at a time.
package final class Poller {
    private let descriptor: Int32
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    package init() throws {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw Failure.system("epoll_create1") }
    }

    /// - Parameter token: what ``wait(milliseconds:)`` gives back for it.
    package func add(_ watched: Int32, token: Int) throws {
        var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data(u64: UInt64(token)))
        guard epoll_ctl(descriptor, EPOLL_CTL_ADD, watched, &event) == 0 else { throw Failure.system("epoll_ctl") }
    }

    /// - Parameters:
    ///   - milliseconds: -1 waits for ever.
    ///   - failure: what to say when nothing came in that time.
    /// - Returns: the tokens of those that can be read, or have ended.
    package func wait(milliseconds: Int32 = -1, orFail failure: String = "") throws -> some Sequence<Int> {
        let count = epoll_wait(descriptor, &events, Int32(events.count), milliseconds)
        guard count >= 0 || errno == EINTR else { throw Failure.system("epoll_wait") }
        guard count != 0 else { throw Failure(failure) }
        return events.prefix(Int(max(0, count))).lazy.map { Int($0.data.u64) }
    }
}
