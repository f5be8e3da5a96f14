import Glibc

/// One end of a WebSocket connection: a socket, and what was read from it and not taken yet.
///
/// It speaks as much of RFC 6455 as a benchmark needs: unfragmented frames of up to 64 KiB, pings answered.
package final class Connection {
    package let descriptor: Int32
    /// Sends with a mask, as clients must. The key is always the same one: a fresh one would cost the generator's time.
    private let masks: Bool
    private var bytes: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    package init(_ descriptor: Int32, masks: Bool) {
        self.descriptor = descriptor
        self.masks = masks
        bytes = .allocate(byteCount: 4096, alignment: 8)
    }

    deinit {
        close(descriptor)
        bytes.deallocate()
    }

    // MARK: - Bytes

    /// Everything that was read and not taken.
    package var unread: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[start..<end]) }

    package func take(_ count: Int) {
        start += count
        if start == end { (start, end) = (0, 0) }
    }

    /// Reads once.
    /// - Returns: false at the end of the stream, or when the peer reset it.
    package func receive() throws -> Bool {
        makeRoom()
        let count = read(descriptor, bytes.baseAddress! + end, bytes.count - end)  // never empty, so it has an address
        if count < 0, errno == EAGAIN { return true }
        if count < 0, errno == ECONNRESET { return false }
        guard count >= 0 else { throw Failure.system("read") }
        end += count
        return count > 0
    }

    private func makeRoom() {
        guard bytes.count - end < 2048 else { return }
        let larger = end - start > bytes.count / 2 ? bytes.count * 4 : bytes.count
        let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: larger, alignment: 8)
        fresh.copyMemory(from: unread)
        bytes.deallocate()
        (bytes, start, end) = (fresh, 0, end - start)
    }

    package func send(_ sent: [UInt8]) throws {
        var sentCount = 0
        while sentCount < sent.count {
            let count = sent.withUnsafeBytes { all in
                let rest = UnsafeRawBufferPointer(rebasing: all[sentCount...])
                return Glibc.send(descriptor, rest.baseAddress, rest.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                guard errno == EAGAIN else { throw Failure.system("send") }
                try Socket.wait(descriptor, for: POLLOUT)
            } else {
                sentCount += count
            }
        }
    }

    // MARK: - Frames

    /// Takes the next text message that is there as a whole, and answers pings on the way.
    ///
    /// - Parameter body: is given the payload, unmasked in place; it is gone afterwards.
    /// - Returns: nil when more has to be read.
    /// - Throws: ``Failure`` for any other frame, a close among them.
    package func nextMessage<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result? {
        while let frame = Frame(unread) {
            let payload = UnsafeMutableRawBufferPointer(
                rebasing: bytes[start + frame.headerLength..<start + frame.length]
            )
            if let key = frame.key { Frame.mask(payload, key) }
            defer { take(frame.length) }
            switch frame.opcode {
            case .text: return try body(UnsafeRawBufferPointer(payload))
            case .ping: try send(Frame.bytes(.pong, Array(payload), masked: masks))
            case .close:
                throw Failure(
                    "the peer closed the connection: \(String(decoding: payload.dropFirst(2), as: UTF8.self))"
                )
            default: throw Failure("a frame with opcode \(frame.opcode) came, which nobody here sends")
            }
        }
        return nil
    }
}
