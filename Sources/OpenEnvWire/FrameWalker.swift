package import NIOCore

/// Finds the frames in one direction of a WebSocket connection, and checks what keeps a relay in step with it.
///
/// It copies nothing but a header or a control frame that was cut between two reads, and keeps nothing that it has
/// handed on. UTF-8 and close codes are left to the endpoints. Take events with ``next()`` until there are none, then
/// append what was read next.
package struct FrameWalker: Sendable {
    /// Who sends the frames: a client must mask them, a server must not (RFC 6455 section 5.1).
    package enum Role: Sendable {
        case fromClient, fromServer
    }

    private let role: Role
    private let maxMessageBytes: Int
    /// Appended and not handed on.
    private var unread = ByteBuffer()
    /// The data frame that is handed on in pieces, and what is missing of it.
    private var open: FrameHeader?
    private var missing = 0
    /// Bytes so far of the message whose frames come; nil between messages.
    private var messageBytes: Int?
    private var violation: WireViolation?

    /// - Parameter maxMessageBytes: of payload, in all frames of a message together. A fragment counts for its header at
    ///   least, or empty ones might go on for ever.
    package init(role: Role, maxMessageBytes: Int) {
        self.role = role
        self.maxMessageBytes = maxMessageBytes
    }

    /// Takes the next bytes of the connection. They become the walker's buffer as they are, unless an incomplete header
    /// or control frame is left from before.
    package mutating func append(_ bytes: ByteBuffer) {
        guard unread.readableBytes > 0 else {
            unread = bytes
            return
        }
        var joined = ByteBufferAllocator().buffer(capacity: unread.readableBytes + bytes.readableBytes)
        joined.writeImmutableBuffer(unread)
        joined.writeImmutableBuffer(bytes)
        unread = joined
    }

    /// There may be an event without further bytes: some are left, or a frame's last bytes were handed on and its end was not.
    package var hasUnread: Bool { unread.readableBytes > 0 || (open != nil && missing == 0) }

    /// A data frame was handed on in part; nothing may come between its pieces.
    package var isInsideFrame: Bool { open != nil }

    /// - Returns: nil when more bytes are needed.
    /// - Throws: ``WireViolation``, and the same one ever after.
    package mutating func next() throws(WireViolation) -> WalkEvent? {
        if let violation { throw violation }
        if let open { return nextPiece(of: open) }
        do {
            return try nextFrame()
        } catch {
            violation = error
            unread = ByteBuffer()
            throw error
        }
    }

    private mutating func nextPiece(of frame: FrameHeader) -> WalkEvent? {
        guard missing > 0 else {
            open = nil
            return .ended(frame)
        }
        let count = min(missing, unread.readableBytes)
        guard count > 0 else { return nil }
        missing -= count
        return .payload(take(count))
    }

    private mutating func nextFrame() throws(WireViolation) -> WalkEvent? {
        guard let header = try FrameHeader.read(unread) else { return nil }
        try check(header)
        let isWhole = unread.readableBytes >= header.frameLength
        guard isWhole || !header.opcode.isControl else { return nil }
        count(header)
        if isWhole { return .frame(header, take(header.frameLength)) }
        open = header
        missing = header.payloadLength
        return .began(header, take(header.headerLength))
    }

    private func check(_ header: FrameHeader) throws(WireViolation) {
        switch role {
        case .fromClient: guard header.maskingKey != nil else { throw .unmasked }
        case .fromServer: guard header.maskingKey == nil else { throw .masked }
        }
        guard !header.opcode.isControl else { return }
        if header.startsMessage {
            guard messageBytes == nil else { throw .interruptedMessage }
        } else {
            guard messageBytes != nil else { throw .loneContinuation }
        }
        // Subtracting, because a length may be close to the largest there is.
        guard header.payloadLength <= maxMessageBytes - (messageBytes ?? 0) else {
            throw .tooLarge(limit: maxMessageBytes)
        }
    }

    private mutating func count(_ header: FrameHeader) {
        guard !header.opcode.isControl else { return }
        messageBytes = header.isFinal ? nil : (messageBytes ?? 0) + max(header.payloadLength, header.headerLength)
    }

    /// - Parameter count: at most what is readable.
    private mutating func take(_ count: Int) -> ByteBuffer {
        guard count < unread.readableBytes else {
            // The last of it: let go of the storage, which whoever takes this now owns.
            defer { unread = ByteBuffer() }
            return unread
        }
        return unread.readSlice(length: count) ?? ByteBuffer()
    }
}
