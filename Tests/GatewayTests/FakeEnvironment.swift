import Glibc

/// The environment's end, played by the test: a listener on a free port of loopback.
final class FakeEnvironment {
    let port: Int
    private var descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in.loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        // Accepting obeys the receive timeout (socket(7)).
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let listener = descriptor
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, length) | listen(listener, 128) | getsockname(listener, address, &length)
            }
        }
        guard result == 0 else { throw RawSocket.Failure("listen") }
        port = Int(address.sin_port.bigEndian)
    }

    deinit { close() }

    /// Whether somebody wants to connect within the time.
    func hasCaller(within limit: Duration) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32(limit / .milliseconds(1))) == 1
    }

    func accept() throws -> RawSocket {
        let accepted = Glibc.accept(descriptor, nil, nil)
        guard accepted >= 0 else { throw RawSocket.Failure("accept") }
        return try RawSocket(accepted: accepted)
    }

    /// Accepts a connection and its WebSocket handshake.
    func acceptSession() throws -> (socket: RawSocket, head: String) {
        let socket = try accept()
        let head = try socket.readHead()
        try socket.send(Self.switching)
        return (socket, head)
    }

    /// From now on nobody can connect.
    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    static let switching =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nServer: fake\r\n\r\n"
}
