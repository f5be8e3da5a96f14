import NIOCore
import OpenEnvWire
import Testing

@testable import Gateway

@Suite("Collecting messages")
struct MessageCollectorTests {
    /// Feeds wire bytes in pieces of a size through walker and collector.
    private func collect(
        _ frames: [Frame],
        piece: Int,
        role: FrameWalker.Role = .fromClient
    ) throws -> [WireMessage] {
        var walker = FrameWalker(role: role, maxMessageBytes: 1 << 20)
        var collector = MessageCollector()
        var messages: [WireMessage] = []
        let bytes = frames.flatMap(\.bytes)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            walker.append(ByteBuffer(bytes: bytes[start..<min(start + piece, bytes.count)]))
            while let event = try walker.next() {
                if case .frame(let header, _) = event, header.opcode.isControl { continue }
                if let message = collector.add(event) { messages.append(message) }
            }
        }
        #expect(!collector.isCollecting && collector.byteCount == 0)
        return messages
    }

    @Test(arguments: [1, 2, 3, 5, 7, 64, 4096])
    func aMessageIsTheSameInWhateverPiecesItComes(_ piece: Int) throws {
        let frames: [Frame] = [
            .client(.text, "first of "), .client(.text, "", isFinal: false),
            Frame(.continuation, Array("two ".utf8), isFinal: false, mask: [1, 2, 3, 4]),
            .client(.ping, "?"),
            Frame(.continuation, Array("parts, each with a mask of its own".utf8), mask: [0xFF, 0, 0x7F, 1]),
            Frame(.binary, [0, 1, 2, 255], mask: [5, 6, 7, 8]),
        ]
        let messages = try collect(frames, piece: piece)
        #expect(
            messages.map { String(buffer: $0.payload) }.prefix(2) == [
                "first of ", "two parts, each with a mask of its own",
            ]
        )
        #expect(messages.map(\.isText) == [true, true, false])
        let data = frames.filter { $0.opcode != .ping }
        #expect(messages.flatMap { $0.frames.flatMap { Array(buffer: $0) } } == data.flatMap(\.bytes))
        #expect(messages.last?.payload == ByteBuffer(bytes: [0, 1, 2, 255]))
    }

    @Test func theMaskOfTheFirstFrameIsKnown() throws {
        let frames = [
            Frame(.text, Array("a".utf8), isFinal: false, mask: [1, 2, 3, 4]),
            Frame(.continuation, Array("b".utf8), mask: [9, 9, 9, 9]),
        ]
        #expect(try collect(frames, piece: 100).first?.maskingKey == 0x0102_0304)
    }

    @Test func unmaskedFramesAreNotTouched() throws {
        let frames: [Frame] = [.server(.text, "half ", isFinal: false), .server(.continuation, "whole")]
        for piece in [1, 4, 100] {
            let message = try #require(try collect(frames, piece: piece, role: .fromServer).first)
            #expect(String(buffer: message.payload) == "half whole" && message.maskingKey == nil)
        }
    }

    @Test func abandoningHandsOutWhatCame() throws {
        var walker = FrameWalker(role: .fromServer, maxMessageBytes: 1 << 20)
        var collector = MessageCollector()
        let bytes = Frame.server(.text, "0123456789").bytes.dropLast(4)
        walker.append(ByteBuffer(bytes: bytes))
        while let event = try walker.next() { #expect(collector.add(event) == nil) }
        #expect(collector.isCollecting && collector.byteCount == 6)
        #expect(collector.abandon().flatMap { Array(buffer: $0) } == Array(bytes))
        #expect(!collector.isCollecting && collector.byteCount == 0 && collector.abandon().isEmpty)
    }
}
