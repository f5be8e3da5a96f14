import NIOCore
import OpenEnvWire
import Testing

@Suite struct WireViolationTests {
    /// The first bytes of frames that a server must not send, and what is wrong with them.
    static let forbidden: [([UInt8], WireViolation)] = [
        ([0xC1, 0x00], .reservedBits), ([0xA1, 0x00], .reservedBits), ([0x91, 0x00], .reservedBits),
        ([0x83, 0x00], .reservedOpcode(3)), ([0x87, 0x00], .reservedOpcode(7)), ([0x8B, 0x00], .reservedOpcode(11)),
        ([0x8F, 0x00], .reservedOpcode(15)), ([0x09, 0x00], .fragmentedControl), ([0x08, 0x00], .fragmentedControl),
        ([0x89, 126, 0, 126], .longControl), ([0x88, 127, 0, 0, 0, 0, 0, 1, 0, 0], .longControl),
        ([0x81, 126, 0, 125], .lengthEncoding), ([0x81, 127, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .lengthEncoding),
        ([0x81, 127, 0x80, 0, 0, 0, 0, 1, 0, 0], .lengthEncoding),
        ([0x81, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .lengthEncoding),
        ([0x80, 0x00], .loneContinuation), ([0x00, 0x01], .loneContinuation),
        ([0x81, 0x80, 1, 2, 3, 4], .masked), ([0x89, 0x80, 1, 2, 3, 4], .masked),
        ([0x81, 127, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], .tooLarge(limit: 1000)),
        ([0x81, 126, 0x03, 0xE9], .tooLarge(limit: 1000)), ([0x01, 0x01, 0x61, 0x81, 0x00], .interruptedMessage),
        ([0x01, 0x01, 0x61, 0x02, 0x00], .interruptedMessage),
        ([0x01, 0x01, 0x61, 0x80, 126, 0x03, 0xE8], .tooLarge(limit: 1000)),
    ]

    @Test(arguments: forbidden, [1, 2, 100])
    func serverFramesAreChecked(frame: ([UInt8], WireViolation), size: Int) {
        var walker = FrameWalker(role: .fromServer, maxMessageBytes: 1000)
        #expect(throws: frame.1) { try walker.feed(frame.0, size: size) }
        // And it stays so, whatever comes.
        walker.append(FrameEncoder.text(ByteBuffer(), maskingKey: nil))
        #expect(throws: frame.1) { try walker.next() }
    }

    @Test func clientFramesMustBeMasked() {
        for bytes in [[0x81, 0x01, 0x61], [0x89, 0x00], [0x88, 0x02, 0x03, 0xE8]] as [[UInt8]] {
            var walker = FrameWalker(role: .fromClient, maxMessageBytes: 1000)
            #expect(throws: WireViolation.unmasked) { try walker.feed(bytes, size: 100) }
        }
    }

    @Test func limitCountsAllFragments() throws {
        var walker = FrameWalker(role: .fromServer, maxMessageBytes: 10)
        let halves: [UInt8] = [0x01, 0x05, 1, 2, 3, 4, 5, 0x89, 0x02, 0, 0, 0x80, 0x05, 1, 2, 3, 4, 5]
        try walker.feed(halves + halves, size: 3)
        try walker.feed([0x81, 0x0A] + Array(repeating: 0, count: 10), size: 100)
        let over: [UInt8] = [0x01, 0x05, 1, 2, 3, 4, 5, 0x00, 0x05, 1, 2, 3, 4, 5, 0x80, 0x01]
        #expect(throws: WireViolation.tooLarge(limit: 10)) { try walker.feed(over, size: 100) }
    }

    /// A length of 126 and of 65536 bytes is the first that may use its encoding.
    @Test func shortestEncodingsAreAccepted() throws {
        var walker = FrameWalker(role: .fromServer, maxMessageBytes: 1 << 20)
        try walker.feed([0x82, 126, 0, 126] + Array(repeating: 0, count: 126), size: 1000)
        try walker.feed([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0] + Array(repeating: 0, count: 65536), size: 1000)
        try walker.feed([0x89, 125] + Array(repeating: 0, count: 125), size: 100)
    }

    @Test func closeCodesFollow() {
        #expect(WireViolation.tooLarge(limit: 1).closeCode.rawValue == 1009)
        #expect(WireViolation.unmasked.closeCode.rawValue == 1002)
        #expect(WireViolation.reservedOpcode(3).closeCode == .protocolError)
        #expect(Self.forbidden.allSatisfy { $0.1.reason.utf8.count <= 123 })
    }
}

extension FrameWalker {
    fileprivate mutating func feed(_ bytes: [UInt8], size: Int) throws {
        for start in stride(from: 0, to: bytes.count, by: size) {
            append(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
            while try next() != nil {}
        }
    }
}
