import Glibc

/// A blocking TCP connection on loopback, in the test's own hands. Every call fails at its deadline.
///
/// What a test waits for happens on the gateway's event loops; the test itself runs on ``BlockingThreads``.
final class RawSocket {
    struct Failure: Error, CustomStringConvertible {
        let description: String

        init(_ what: String) {
            description = "\(what): \(String(cString: strerror(errno)))"
        }

        init(message: String) {
            description = message
        }
    }

    /// Received and not taken yet.
    private var received = ArraySlice<UInt8>()
    private var descriptor: Int32

    init(connectingTo port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw Failure("socket") }
        try setDeadlines()
        var address = sockaddr_in.loopback(port: port)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure("connect") }
    }

    init(accepted descriptor: Int32) throws {
        self.descriptor = descriptor
        try setDeadlines()
    }

    deinit { close() }

    private func setDeadlines() throws {
        var limit = timeval(tv_sec: 10, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            guard setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size)) == 0
            else { throw Failure("setsockopt") }
        }
        var isSet: Int32 = 1
        guard setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &isSet, socklen_t(MemoryLayout<Int32>.size)) == 0
        else { throw Failure("setsockopt") }
    }

    // MARK: - Sending

    func send(_ bytes: some Sequence<UInt8>) throws {
        var rest = ArraySlice(Array(bytes))
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure("send") }
            rest = rest.dropFirst(count)
        }
    }

    func send(_ text: String) throws {
        try send(text.utf8)
    }

    /// Sends what the kernel takes at once.
    /// - Returns: how many bytes that were.
    func sendSome(_ bytes: [UInt8]) throws -> Int {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
        if count < 0, errno == EAGAIN { return 0 }
        guard count >= 0 else { throw Failure("send") }
        return count
    }

    /// Sends bytes over and over until nothing on the way takes any more.
    /// - Returns: how many bytes that were.
    func fill(with bytes: [UInt8], atMost limit: Int) throws -> Int {
        var sent = 0
        while takesMore(within: .milliseconds(300)) {
            sent += try sendSome(Array(bytes[(sent % bytes.count)...]))
            guard sent < limit else { throw Failure(message: "\(sent) bytes were taken, and no end") }
        }
        return sent
    }

    /// Sends all bytes, and reads at the other end only when sending would wait.
    /// - Returns: what was read.
    func pump(_ bytes: [UInt8], into other: RawSocket) throws -> [UInt8] {
        var sent = 0
        var read: [UInt8] = []
        while sent < bytes.count {
            sent += try sendSome(Array(bytes[sent..<min(sent + 65_536, bytes.count)]))
            if sent < bytes.count, !takesMore(within: .milliseconds(20)) { read += try other.receive() }
        }
        return read
    }

    /// Whether the kernel takes more bytes within the time.
    func takesMore(within limit: Duration) -> Bool {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&entry, 1, Int32(limit / .milliseconds(1))) == 1
    }

    /// Whether something can be read within the time: bytes, or the end.
    func hasInput(within limit: Duration) -> Bool {
        guard received.isEmpty else { return true }
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, Int32(limit / .milliseconds(1))) == 1
    }

    // MARK: - Receiving

    /// - Returns: the next bytes; none at the end of the stream.
    private func receive() throws -> [UInt8] {
        let bytes = try [UInt8](unsafeUninitializedCapacity: 262_144) { buffer, count in
            let result = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            guard result >= 0 else { throw Failure("receive") }
            count = result
        }
        return bytes
    }

    func read(_ count: Int) throws -> [UInt8] {
        while received.count < count {
            let bytes = try receive()
            guard !bytes.isEmpty else {
                throw Failure(message: "the stream ended after \(received.count) bytes of \(count)")
            }
            received += bytes
        }
        defer { received = received.dropFirst(count) }
        return Array(received.prefix(count))
    }

    /// Reads up to and with an empty line.
    func readHead() throws -> String {
        let mark = Array("\r\n\r\n".utf8)
        while true {
            if let end = received.indices.first(where: { received[$0...].starts(with: mark) }) {
                return String(decoding: try read(end - received.startIndex + mark.count), as: UTF8.self)
            }
            let bytes = try receive()
            guard !bytes.isEmpty else {
                throw Failure(message: "the stream ended in a head: \(String(decoding: received, as: UTF8.self))")
            }
            received += bytes
        }
    }

    /// Reads all there is until the end of the stream. A reset is an error.
    func readToEnd() throws -> [UInt8] {
        while true {
            let bytes = try receive()
            guard !bytes.isEmpty else { break }
            received += bytes
        }
        defer { received = [] }
        return Array(received)
    }

    func readTextToEnd() throws -> String {
        String(decoding: try readToEnd(), as: UTF8.self)
    }

    /// Reads until the connection is over, orderly or not.
    func awaitEnd() throws {
        while let bytes = try? receive(), !bytes.isEmpty {}
        guard hasInput(within: .zero) else { throw Failure(message: "the connection is still open") }
        received = []
    }

    // MARK: - Ending

    func shutdownOutput() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Ends the connection with a TCP reset.
    func reset() {
        var none = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, socklen_t(MemoryLayout<linger>.size))
        close()
    }
}

extension sockaddr_in {
    static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        return address
    }
}
