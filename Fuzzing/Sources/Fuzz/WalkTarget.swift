import NIOCore
import OpenEnvWire

/// However a stream is cut into reads, the walker finds the same frames and the same violation; every byte is handed on
/// in its place; a frame put together anew is the frame that came.
///
/// The first byte of an input says who sends and how many bytes a message may have, the second how the stream is cut.
func walk(_ input: UnsafeRawBufferPointer) {
    guard input.count > 2 else { return }
    let role: FrameWalker.Role = input[0] & 1 == 0 ? .fromServer : .fromClient
    let limit = [0, 125, 70_000, Int.max][Int(input[0] >> 1 & 3)]
    let stream = Array(input.dropFirst(2))
    let whole = Walk(stream, role, limit, cut: { stream.count })
    whole.check(stream, limit)
    require(Walk(stream, role, limit, cut: { 1 }) == whole, "the same byte by byte")
    var state = UInt32(input[1]) | 1
    let pieces = Walk(stream, role, limit) {
        // Small pieces more often than long ones; Numerical Recipes' generator.
        state = state &* 1_664_525 &+ 1_013_904_223
        return 1 + Int(state >> 24) & Int(state >> 16 & 0xFF)
    }
    require(pieces == whole, "the same in pieces")
}

/// What was found, without the places where the stream was cut.
private struct Walk: Equatable {
    struct Frame: Equatable {
        var header: FrameHeader
        var bytes: [UInt8]
        var isWhole: Bool
    }

    private(set) var frames: [Frame] = []
    private(set) var violation: WireViolation?

    init(_ stream: [UInt8], _ role: FrameWalker.Role, _ limit: Int, cut: () -> Int) {
        var walker = FrameWalker(role: role, maxMessageBytes: limit)
        var rest = ByteBuffer(bytes: stream)
        do throws(WireViolation) {
            while let piece = rest.readSlice(length: min(cut(), rest.readableBytes)), piece.readableBytes > 0 {
                walker.append(piece)
                while let event = try walker.next() { add(event) }
                require(walker.isInsideFrame == (frames.last?.isWhole == false), "it knows when a frame is open")
            }
        } catch {
            violation = error
            do throws(WireViolation) {
                _ = try walker.next()
                require(false, "nothing comes after a violation")
            } catch let again {
                require(again == error, "a violation stays")
            }
        }
    }

    private mutating func add(_ event: WalkEvent) {
        switch event {
        case .frame(let header, let bytes):
            frames.append(Frame(header: header, bytes: Array(bytes.readableBytesView), isWhole: true))
        case .began(let header, let bytes):
            require(!header.opcode.isControl, "control frames come whole")
            frames.append(Frame(header: header, bytes: Array(bytes.readableBytesView), isWhole: false))
        case .payload(let bytes):
            require(bytes.readableBytes > 0, "a piece is not empty")
            frames[frames.count - 1].bytes += bytes.readableBytesView
        case .ended(let header):
            require(frames[frames.count - 1].header == header, "the frame that ends is the one that began")
            frames[frames.count - 1].isWhole = true
        }
    }

    func check(_ stream: [UInt8], _ limit: Int) {
        require(stream.starts(with: frames.lazy.flatMap(\.bytes)), "the bytes are handed on in their order")
        var messageBytes = 0
        for frame in frames {
            require(!frame.isWhole || frame.bytes.count == frame.header.frameLength, "a whole frame has its length")
            require(frame.isWhole || frame.bytes.count < frame.header.frameLength, "an open frame lacks bytes")
            if frame.isWhole, frame.header.isFinal { checkEncoding(of: frame) }
            guard !frame.header.opcode.isControl else { continue }
            if frame.header.startsMessage { messageBytes = 0 }
            messageBytes += frame.header.payloadLength
            require(messageBytes <= limit, "no message is longer than the limit")
        }
    }

    private func checkEncoding(of frame: Frame) {
        let bytes = ByteBuffer(bytes: frame.bytes)
        let payload = frame.header.payload(of: bytes)
        let key = frame.header.maskingKey
        let again = FrameEncoder.frame(opcode: frame.header.opcode, payload: payload, maskingKey: key)
        require(again == bytes, "encoded anew it is the same frame")
    }
}
