import Glibc
import Loopback

/// Serves all connections on one thread.
struct EnvironmentServer {
    private let listener: Int32
    private let poller: Poller
    /// By descriptor.
    private var sessions: [Int: EnvironmentSession] = [:]

    init(_ listener: Int32) throws {
        self.listener = listener
        poller = try Poller()
        try poller.add(listener, token: Int(listener))
        try poller.add(STDIN_FILENO, token: Int(STDIN_FILENO))
    }

    mutating func run() throws {
        while true {
            for token in try poller.wait() {
                switch Int32(token) {
                case STDIN_FILENO: return
                case listener: try accept()
                default: serve(token)
                }
            }
        }
    }

    private mutating func accept() throws {
        while let descriptor = try Socket.accept(listener) {
            sessions[Int(descriptor)] = EnvironmentSession(Connection(descriptor, masks: false))
            try poller.add(descriptor, token: Int(descriptor))
        }
    }

    /// A session that ends or breaks the protocol is let go of; a relay that misbehaves is found out by the generator.
    private mutating func serve(_ token: Int) {
        let goesOn = (try? sessions[token]?.serve()) ?? false
        if !goesOn { sessions[token] = nil }
    }
}

/// One connection: its handshake, then a reply to each request.
final class EnvironmentSession {
    private let connection: Connection
    private var isUpgraded = false
    private var reply = ReplyFrame(size: 0)

    init(_ connection: Connection) {
        self.connection = connection
    }

    /// - Returns: false when the connection is over.
    func serve() throws -> Bool {
        guard try connection.receive() else { return false }
        if !isUpgraded {
            guard let upgraded = try Handshake.answer(connection) else { return true }
            guard upgraded else { return false }
            isUpgraded = true
        }
        while let isStep = try connection.nextMessage(read) {
            if isStep { reply.advance() }
            try connection.send(reply.bytes)
        }
        return true
    }

    /// - Returns: whether it is a step; a reset says how large the replies of the episode shall be.
    private func read(_ request: UnsafeRawBufferPointer) throws -> Bool {
        guard let kind = JSONText(request).value(of: "type") else { throw Failure("a request has no type") }
        if kind.starts(with: #""step""#) { return true }
        guard kind.starts(with: #""reset""#) else { throw Failure("a request is neither step nor reset") }
        reply = ReplyFrame(size: JSONText(request).value(of: "size")?.integer ?? 0)
        return false
    }
}
