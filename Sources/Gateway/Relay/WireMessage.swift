import NIOCore
import OpenEnvWire

/// A text or binary message with the frames that it came in.
struct WireMessage {
    /// As they came, header and mask included.
    var frames: [ByteBuffer]
    /// Unmasked.
    var payload: ByteBuffer
    var isText: Bool
    /// Of its first frame.
    var maskingKey: UInt32?

    var byteCount: Int { payload.readableBytes }
}

/// Puts the frames of one message together. Pure.
struct MessageCollector {
    private var message: WireMessage?
    private var frame: FrameHeader?
    private var phase = 0
    /// What the message's further frames take besides their payload.
    private var overhead = 0

    /// A message is on its way.
    var isCollecting: Bool { message != nil }
    /// Bytes held of it: payload, and what it costs that it came in several frames.
    var byteCount: Int { (message?.byteCount ?? 0) + overhead }

    /// Takes the next event of a data frame; control frames must not be passed.
    /// - Returns: the message that the event completed.
    mutating func add(_ event: WalkEvent) -> WireMessage? {
        switch event {
        case .frame(let header, let bytes):
            return addWhole(header, bytes)
        case .began(let header, let bytes):
            begin(header)
            message?.frames.append(bytes)
            frame = header
            phase = 0
            return nil
        case .payload(let bytes):
            addPiece(bytes)
            return nil
        case .ended(let header):
            frame = nil
            return header.isFinal ? take() : nil
        }
    }

    /// Gives up the message and hands out the frames that came so far.
    mutating func abandon() -> [ByteBuffer] {
        take()?.frames ?? []
    }

    private mutating func addWhole(_ header: FrameHeader, _ bytes: ByteBuffer) -> WireMessage? {
        let payload = header.payload(of: bytes)
        guard message != nil || !header.isFinal else {
            return WireMessage(
                frames: [bytes],
                payload: payload,
                isText: header.opcode == .text,
                maskingKey: header.maskingKey
            )
        }
        begin(header)
        message?.frames.append(bytes)
        message?.payload.writeImmutableBuffer(payload)
        return header.isFinal ? take() : nil
    }

    private mutating func addPiece(_ bytes: ByteBuffer) {
        message?.frames.append(bytes)
        let plain = frame?.maskingKey.map { Masking.applied($0, to: bytes, phase: phase) } ?? bytes
        message?.payload.writeImmutableBuffer(plain)
        phase += bytes.readableBytes
    }

    private mutating func begin(_ header: FrameHeader) {
        guard message == nil else {
            overhead += header.headerLength + MemoryLayout<ByteBuffer>.stride
            return
        }
        message = WireMessage(
            frames: [],
            payload: ByteBuffer(),
            isText: header.opcode == .text,
            maskingKey: header.maskingKey
        )
    }

    private mutating func take() -> WireMessage? {
        defer {
            message = nil
            frame = nil
            overhead = 0
        }
        return message
    }
}
