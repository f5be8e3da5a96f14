package import NIOCore

/// Writes frames: unmasked from a server, with a fresh random key from a client (RFC 6455 section 5.3).
package enum FrameEncoder {
    /// A whole text message in one frame.
    package static func text(_ payload: ByteBuffer, maskingKey: UInt32?) -> ByteBuffer {
        frame(opcode: .text, payload: payload, maskingKey: maskingKey)
    }

    /// A close frame; empty when the code may not be sent. A reason too long for it is cut.
    package static func close(code: CloseCode, reason: String = "", maskingKey: UInt32?) -> ByteBuffer {
        frame(opcode: .close, payload: CloseFrame(code: code, reason: reason).payload, maskingKey: maskingKey)
    }

    /// A single unfragmented frame.
    package static func frame(opcode: FrameOpcode, payload: ByteBuffer, maskingKey: UInt32?) -> ByteBuffer {
        var frame = header(opcode: opcode, payloadLength: payload.readableBytes, maskingKey: maskingKey)
        if let maskingKey {
            frame.writeMasked(payload, key: maskingKey)
        } else {
            frame.writeImmutableBuffer(payload)
        }
        return frame
    }

    /// With room for the payload behind it.
    static func header(opcode: FrameOpcode, payloadLength: Int, maskingKey: UInt32?) -> ByteBuffer {
        var header = ByteBufferAllocator().buffer(capacity: payloadLength + 14)
        header.writeInteger(0x80 | opcode.rawValue)
        let maskBit: UInt8 = maskingKey == nil ? 0 : 0x80
        switch payloadLength {
        case ...125:
            header.writeInteger(maskBit | UInt8(payloadLength))
        case ...Int(UInt16.max):
            header.writeInteger(maskBit | 126)
            header.writeInteger(UInt16(payloadLength))
        default:
            header.writeInteger(maskBit | 127)
            header.writeInteger(UInt64(payloadLength))
        }
        if let maskingKey { header.writeInteger(maskingKey) }
        return header
    }
}
