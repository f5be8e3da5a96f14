import NIOCore
import OpenEnvWire
import Testing

@Suite struct FrameWalkerTests {
    /// A connection's worth of frames of one direction: all opcodes, fragments with control frames between them, every
    /// encoding of a length.
    static func frames(maskingKey: UInt32?) -> [ByteBuffer] {
        let lengths = [0, 1, 125, 126, 65535, 65536].map { ByteBuffer(repeating: 0x61, count: $0) }
        let messages = lengths.map { FrameEncoder.text($0, maskingKey: maskingKey) }
        let fragments = [
            frame(.text, "be", isFinal: false, maskingKey),
            FrameEncoder.frame(opcode: .ping, payload: ByteBuffer(string: "1234"), maskingKey: maskingKey),
            frame(.continuation, "", isFinal: false, maskingKey),
            FrameEncoder.frame(opcode: .pong, payload: ByteBuffer(), maskingKey: maskingKey),
            frame(.continuation, "gun", isFinal: true, maskingKey),
            FrameEncoder.frame(opcode: .binary, payload: ByteBuffer(bytes: [0, 255]), maskingKey: maskingKey),
            FrameEncoder.close(code: .normal, reason: "bye", maskingKey: maskingKey),
        ]
        return messages + fragments
    }

    static func frame(_ opcode: FrameOpcode, _ text: String, isFinal: Bool, _ key: UInt32? = nil) -> ByteBuffer {
        var frame = FrameEncoder.frame(opcode: opcode, payload: ByteBuffer(string: text), maskingKey: key)
        if !isFinal { frame.setInteger(opcode.rawValue, at: 0) }
        return frame
    }

    @Test(arguments: [nil, 0x0102_0304, 0, UInt32.max] as [UInt32?])
    func wholeFramesAreSlices(maskingKey: UInt32?) throws {
        var walker = FrameWalker(role: maskingKey == nil ? .fromServer : .fromClient, maxMessageBytes: 1 << 20)
        for frame in Self.frames(maskingKey: maskingKey) {
            walker.append(frame)
            guard case .frame(let header, let bytes) = try walker.next() else {
                Issue.record("no whole frame")
                return
            }
            #expect(bytes == frame)
            #expect(frame.sharesStorage(with: bytes))
            #expect(header.frameLength == frame.readableBytes)
            #expect(header.maskingKey == maskingKey)
            #expect(try walker.next() == nil)
        }
    }

    @Test(arguments: [nil, 0xA1B2_C3D4] as [UInt32?], [1, 2, 3, 5, 7, 13, 100, 125, 4096, 65537, 1 << 20])
    func framesAreTheSameHoweverTheyAreCut(maskingKey: UInt32?, size: Int) throws {
        let frames = Self.frames(maskingKey: maskingKey)
        var glued = ByteBuffer(bytes: frames.flatMap { Array($0.readableBytesView) })
        var walker = FrameWalker(role: maskingKey == nil ? .fromServer : .fromClient, maxMessageBytes: 1 << 20)
        var found: [ByteBuffer] = []
        while let piece = glued.readSlice(length: min(size, glued.readableBytes)), piece.readableBytes > 0 {
            walker.append(piece)
            while walker.hasUnread, let event = try walker.next() { collect(event, into: &found) }
            #expect(try walker.next() == nil)
        }
        #expect(found == frames && !walker.hasUnread)
    }

    /// Appends whole frames, checking the order of events.
    private func collect(_ event: WalkEvent, into frames: inout [ByteBuffer]) {
        switch event {
        case .frame(let header, let bytes):
            #expect(bytes.readableBytes == header.frameLength)
            frames.append(bytes)
        case .began(let header, let bytes):
            #expect(bytes.readableBytes == header.headerLength)
            #expect(!header.opcode.isControl && header.payloadLength > 0)
            frames.append(bytes)
        case .payload(let bytes):
            #expect(bytes.readableBytes > 0)
            frames[frames.count - 1].writeImmutableBuffer(bytes)
        case .ended(let header):
            #expect(frames.last?.readableBytes == header.frameLength)
        }
    }

    @Test func messageBoundariesAreTold() throws {
        var walker = FrameWalker(role: .fromServer, maxMessageBytes: 100)
        let fragments = [
            Self.frame(.text, "a", isFinal: false), Self.frame(.continuation, "b", isFinal: false),
            Self.frame(.continuation, "c", isFinal: true), Self.frame(.ping, "", isFinal: true),
        ]
        var headers: [FrameHeader] = []
        for fragment in fragments {
            walker.append(fragment)
            while case .frame(let header, _) = try walker.next() { headers.append(header) }
        }
        #expect(headers.map(\.startsMessage) == [true, false, false, false])
        #expect(headers.map(\.endsMessage) == [false, false, true, false])
    }

    @Test func payloadOfAWholeFrameIsUnmasked() throws {
        let payload = ByteBuffer(string: #"{"type": "step", "data": {"n": 3}}"#)
        for key in [nil, 0x0102_0304] as [UInt32?] {
            let frame = FrameEncoder.text(payload, maskingKey: key)
            var walker = FrameWalker(role: key == nil ? .fromServer : .fromClient, maxMessageBytes: 100)
            walker.append(frame)
            guard case .frame(let header, let bytes) = try walker.next() else {
                Issue.record("no whole frame")
                return
            }
            #expect(header.payload(of: bytes) == payload)
        }
    }

    /// They cost something to keep, though nothing is in them.
    @Test(arguments: [nil, 0x0102_0304] as [UInt32?])
    func emptyFragmentsDoNotGoOnForEver(maskingKey: UInt32?) throws {
        var walker = FrameWalker(role: maskingKey == nil ? .fromServer : .fromClient, maxMessageBytes: 1_000)
        var frames = 0
        #expect(throws: WireViolation.tooLarge(limit: 1_000)) {
            for opcode in [FrameOpcode.text] + Array(repeating: .continuation, count: 1_000) {
                walker.append(Self.frame(opcode, "", isFinal: false, maskingKey))
                _ = try walker.next()
                frames += 1
            }
        }
        #expect(frames == 1_000 / (maskingKey == nil ? 2 : 6) + 1)
    }

    @Test func handedOnBytesAreLetGo() throws {
        var walker = FrameWalker(role: .fromServer, maxMessageBytes: 1 << 20)
        for _ in 0..<1000 {
            walker.append(FrameEncoder.text(ByteBuffer(repeating: 0x61, count: 1000), maskingKey: nil))
            while try walker.next() != nil {}
        }
        let kept = Mirror(reflecting: walker).children.compactMap { $0.value as? ByteBuffer }
        #expect(kept.map(\.capacity) == [0])
    }
}

extension ByteBuffer {
    fileprivate func sharesStorage(with other: ByteBuffer) -> Bool {
        withUnsafeReadableBytes { mine in other.withUnsafeReadableBytes { mine.baseAddress == $0.baseAddress } }
    }
}
