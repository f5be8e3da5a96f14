package import NIOCore

/// What a frame is (RFC 6455 section 5.2).
package enum FrameOpcode: UInt8, Sendable {
    case continuation = 0x0
    case text = 0x1
    case binary = 0x2
    case close = 0x8
    case ping = 0x9
    case pong = 0xA

    package var isControl: Bool { rawValue & 0x8 != 0 }
}

/// The bytes of a frame before its payload, read (RFC 6455 section 5.2). The reserved bits are 0: no extension is ever
/// negotiated.
package struct FrameHeader: Sendable, Hashable {
    /// The last frame of its message, or a control frame.
    package var isFinal: Bool
    package var opcode: FrameOpcode
    /// The four bytes of the key, the first one highest; nil when the payload is not masked.
    package var maskingKey: UInt32?
    package var payloadLength: Int
    package var headerLength: Int

    package var frameLength: Int { headerLength + payloadLength }

    /// The first frame of a text or binary message.
    package var startsMessage: Bool { opcode == .text || opcode == .binary }

    /// The last frame of a text or binary message.
    package var endsMessage: Bool { isFinal && !opcode.isControl }

    /// The payload of a whole frame: a slice when it is not masked, an unmasked copy when it is.
    package func payload(of frame: ByteBuffer) -> ByteBuffer {
        let masked = frame.dropping(headerLength)
        return maskingKey.map { Masking.applied($0, to: masked) } ?? masked
    }
}

extension FrameHeader {
    /// Reads the header at the front of a buffer, without consuming it.
    ///
    /// - Returns: nil when more bytes are needed.
    /// - Throws: the violation, when no header may look like this, whoever sent it.
    static func read(_ buffer: ByteBuffer) throws(WireViolation) -> FrameHeader? {
        let start = buffer.readerIndex
        guard let bytes = buffer.getInteger(at: start, as: UInt16.self) else { return nil }
        guard bytes & 0x7000 == 0 else { throw .reservedBits }
        let code = UInt8(truncatingIfNeeded: bytes >> 8) & 0xF
        guard let opcode = FrameOpcode(rawValue: code) else { throw .reservedOpcode(code) }
        let isFinal = bytes & 0x8000 != 0
        guard !opcode.isControl || isFinal else { throw .fragmentedControl }
        guard !opcode.isControl || bytes & 0x7F <= 125 else { throw .longControl }
        guard let length = try PayloadLength.read(Int(bytes & 0x7F), after: start + 2, in: buffer) else { return nil }
        let isMasked = bytes & 0x80 != 0
        let key = isMasked ? buffer.getInteger(at: length.end, as: UInt32.self) : nil
        guard !isMasked || key != nil else { return nil }
        return FrameHeader(
            isFinal: isFinal,
            opcode: opcode,
            maskingKey: key,
            payloadLength: length.value,
            headerLength: length.end - start + (isMasked ? 4 : 0)
        )
    }
}

/// The three encodings of a length: 7, 16 or 64 bits, of which the shortest must be used (RFC 6455 section 5.2).
private struct PayloadLength {
    var value: Int
    /// The index after the length.
    var end: Int

    static func read(_ code: Int, after index: Int, in buffer: ByteBuffer) throws(WireViolation) -> PayloadLength? {
        switch code {
        case 126:
            guard let value = buffer.getInteger(at: index, as: UInt16.self) else { return nil }
            guard value > 125 else { throw .lengthEncoding }
            return PayloadLength(value: Int(value), end: index + 2)
        case 127:
            guard let value = buffer.getInteger(at: index, as: UInt64.self) else { return nil }
            guard value > UInt16.max, let value = Int(exactly: value) else { throw .lengthEncoding }
            return PayloadLength(value: value, end: index + 8)
        default:
            return PayloadLength(value: code, end: index)
        }
    }
}

extension ByteBuffer {
    /// A slice of the readable bytes without the first ones.
    func dropping(_ count: Int) -> ByteBuffer {
        var rest = self
        rest.moveReaderIndex(forwardBy: count)
        return rest
    }
}
