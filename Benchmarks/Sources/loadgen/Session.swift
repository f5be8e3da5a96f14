import Glibc
import Loopback

/// One client: resets once, then steps.
final class Session {
    private let connection: Connection
    private let step: [UInt8]
    private let check: ReplyCheck
    private var steps = 0
    private var sentAt: UInt64 = 0

    init(_ connection: Connection, step: [UInt8], check: ReplyCheck) {
        self.connection = connection
        self.step = step
        self.check = check
    }

    var descriptor: Int32 { connection.descriptor }

    func reset(_ request: [UInt8]) throws {
        try connection.send(Frame.bytes(.text, request, masked: true))
        while true {
            if try connection.nextMessage(check.reset) != nil { return }
            try Socket.wait(descriptor, for: POLLIN)
            guard try connection.receive() else { throw Failure("the connection ended before the reply to the reset") }
        }
    }

    func sendStep() throws {
        steps += 1
        sentAt = Clock.now()
        try connection.send(step)
    }

    /// - Returns: nanoseconds since the step was sent; nil when the reply is not all there.
    func receiveReply() throws -> UInt32? {
        guard try connection.receive() else { throw Failure("the connection ended at step \(steps)") }
        var receivedAt: UInt64 = 0
        let reply: Void? = try connection.nextMessage {
            receivedAt = Clock.now()
            try check.step(steps, $0)
        }
        guard reply != nil else { return nil }
        guard connection.unread.isEmpty else { throw Failure("more than one reply to step \(steps)") }
        return UInt32(clamping: receivedAt - sentAt)
    }

    /// Says goodbye, so that the other side logs no lost connection.
    func close() {
        try? connection.send(Frame.bytes(.close, [0x03, 0xE8], masked: true))
    }
}
