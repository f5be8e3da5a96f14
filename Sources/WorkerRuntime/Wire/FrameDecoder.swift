import AdapterSeam
import NIOCore

/// Cuts a byte stream into frames: a 32-bit big-endian count, then that many bytes (RFC 002).
struct FrameDecoder: NIOSingleStepByteToMessageDecoder {
    typealias InboundOut = ByteBuffer

    let frameMax: Int

    /// - Throws: ``ProtocolBreach`` for an empty frame or one that is too long, which ends the stream.
    mutating func decode(buffer: inout ByteBuffer) throws -> ByteBuffer? {
        guard let count = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self).map(Int.init) else { return nil }
        if count == 0 { throw ProtocolBreach("an empty frame") }
        if count > frameMax { throw ProtocolBreach("a frame of \(count) bytes, over frame_max (\(frameMax))") }
        guard buffer.readableBytes >= 4 + count else { return nil }
        buffer.moveReaderIndex(forwardBy: 4)
        return buffer.readSlice(length: count)
    }

    mutating func decodeLast(buffer: inout ByteBuffer, seenEOF: Bool) throws -> ByteBuffer? {
        try decode(buffer: &buffer)
    }
}
