import NIOCore
import OpenEnvWire
import Testing

@Suite struct FrameEncoderTests {
    /// The examples of RFC 6455 section 5.7.
    @Test func examplesOfTheRFC() {
        let hello = ByteBuffer(string: "Hello")
        #expect(FrameEncoder.text(hello, maskingKey: nil).bytes == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        #expect(FrameEncoder.text(hello, maskingKey: 0x37FA_213D).bytes == masked)
        #expect(FrameEncoder.frame(opcode: .ping, payload: hello, maskingKey: nil).bytes.prefix(2) == [0x89, 0x05])
        let medium = FrameEncoder.frame(opcode: .binary, payload: ByteBuffer(repeating: 0, count: 256), maskingKey: nil)
        #expect(medium.bytes.prefix(4) == [0x82, 0x7E, 0x01, 0x00])
        let long = FrameEncoder.frame(opcode: .binary, payload: ByteBuffer(repeating: 0, count: 65536), maskingKey: nil)
        #expect(long.bytes.prefix(10) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0])
    }

    @Test(arguments: 0...20, 0...8) func maskingIsWordwiseAtEveryPhase(count: Int, phase: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
        let key: [UInt8] = [0x01, 0x82, 0xF3, 0x64]
        let expected = bytes.indices.map { bytes[$0] ^ key[($0 + phase) % 4] }
        let payload = ByteBuffer(bytes: bytes)
        let masked = Masking.applied(0x0182_F364, to: payload, phase: phase)
        #expect(masked.bytes == expected)
        #expect(Masking.applied(0x0182_F364, to: masked, phase: phase) == payload)
    }

    @Test func piecesAreUnmaskedWhereTheyStand() {
        let payload = ByteBuffer(bytes: (0..<100).map { UInt8($0) })
        let masked = Masking.applied(0xDEAD_BEEF, to: payload)
        var joined = ByteBuffer()
        for start in stride(from: 0, to: 100, by: 7) {
            let piece = masked.getSlice(at: start, length: min(7, 100 - start)) ?? ByteBuffer()
            joined.writeImmutableBuffer(Masking.applied(0xDEAD_BEEF, to: piece, phase: start))
        }
        #expect(joined == payload)
    }

    @Test func closeFramesReadBack() {
        let frame = FrameEncoder.close(code: .messageTooBig, reason: "too big", maskingKey: nil)
        #expect(frame.bytes.prefix(4) == [0x88, 9, 0x03, 0xF1])
        let payload = frame.getSlice(at: 2, length: frame.readableBytes - 2) ?? ByteBuffer()
        #expect(CloseFrame.parse(payload) == CloseFrame(code: .messageTooBig, reason: "too big"))
        #expect(CloseFrame.parse(ByteBuffer())?.code == .noStatus)
        #expect(CloseFrame.parse(ByteBuffer(bytes: [0x03])) == nil)
        #expect(CloseFrame.parse(ByteBuffer(bytes: [0x0F, 0xA0]))?.code.rawValue == 4000)
    }

    @Test(arguments: [1005, 1006, 1015, 1004, 999, 0, 5000] as [UInt16])
    func codesThatMustNotBeSentAreNot(code: UInt16) {
        #expect(FrameEncoder.close(code: CloseCode(rawValue: code), maskingKey: nil).bytes == [0x88, 0])
    }

    @Test func longReasonsAreCutBetweenCharacters() {
        let frame = FrameEncoder.close(code: .normal, reason: String(repeating: "é€", count: 50), maskingKey: nil)
        // 24 pairs of 2 and 3 bytes, then a character of 2: 122 of the 123 bytes.
        #expect(frame.bytes[1] == 124)
        let payload = frame.getSlice(at: 2, length: 124) ?? ByteBuffer()
        #expect(CloseFrame.parse(payload)?.reason == String(repeating: "é€", count: 24) + "é")
    }
}

extension ByteBuffer {
    fileprivate var bytes: [UInt8] { Array(readableBytesView) }
}
