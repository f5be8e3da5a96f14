import Glibc

/// TCP sockets on 127.0.0.1, without blocking and without Nagle's delay.
package enum Socket {
    /// - Parameter port: 0 takes any free one.
    /// - Returns: a listening descriptor and its port.
    package static func listen(port: UInt16) throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = try open()
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, { bind(descriptor, $0, $1) }) == 0 else { throw Failure.system("bind") }
        guard Glibc.listen(descriptor, 4096) == 0 else { throw Failure.system("listen") }
        var bound = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &bound) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return (descriptor, UInt16(bigEndian: bound.sin_port))
    }

    /// - Returns: nil when nobody waits to be accepted.
    package static func accept(_ listener: Int32) throws -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        if descriptor < 0, errno == EAGAIN { return nil }
        guard descriptor >= 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { throw Failure.system("accept") }
        withoutDelay(descriptor)
        return descriptor
    }

    package static func connect(port: UInt16) throws -> Int32 {
        let descriptor = try open()
        if withAddress(port, { Glibc.connect(descriptor, $0, $1) }) != 0 {
            guard errno == EINPROGRESS else { throw Failure.system("connect") }
            try wait(descriptor, for: POLLOUT)
        }
        withoutDelay(descriptor)
        return descriptor
    }

    /// Waits for one event on one descriptor, ten seconds at the longest.
    package static func wait(_ descriptor: Int32, for event: Int32) throws {
        var polled = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        guard poll(&polled, 1, 10_000) == 1 else { throw Failure("the peer did nothing for ten seconds") }
    }

    private static func open() throws -> Int32 {
        let kind = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
        let descriptor = socket(AF_INET, Int32(kind), 0)
        guard descriptor >= 0 else { throw Failure.system("socket") }
        return descriptor
    }

    private static func withoutDelay(_ descriptor: Int32) {
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func withAddress<Result>(
        _ port: UInt16,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
