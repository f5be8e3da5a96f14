import Glibc
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import Gateway

@Suite("The gate behind a 101")
struct SwitchGateTests {
    private static let head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"

    /// Takes down what comes out of the gate, in order.
    private final class Recorder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var events: [String] = []

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            events.append(String(buffer: unwrapInboundIn(data)))
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed = event { events.append("EOF") }
        }
    }

    private struct Pipeline {
        let channel = EmbeddedChannel()
        let gate: SwitchGate
        let recorder = Recorder()

        init(limit: Int = 16_384) throws {
            gate = SwitchGate(limit: limit)
            try channel.pipeline.syncOperations.addHandlers(gate, recorder)
            try channel.connect(to: SocketAddress(unixDomainSocketPath: "/gate")).wait()
        }

        func read(_ text: String) throws { try channel.writeInbound(ByteBuffer(string: text)) }
        func end() { channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    @Test func framesAndEndInOneReadWaitForTheRelay() throws {
        let pipeline = try Pipeline()
        try pipeline.read(Self.head + "frames")
        pipeline.end()
        #expect(pipeline.recorder.events == [Self.head])
        try pipeline.read(" and more")
        pipeline.gate.open()
        #expect(pipeline.recorder.events == [Self.head, "frames and more", "EOF"])
        pipeline.gate.open()
        #expect(pipeline.recorder.events.count == 3)
    }

    @Test func onceItIsOpenItMayLeave() throws {
        let pipeline = try Pipeline()
        try pipeline.read(Self.head + "xy")
        pipeline.gate.open()
        try pipeline.channel.pipeline.syncOperations.removeHandler(pipeline.gate).wait()
        try pipeline.read("z")
        pipeline.end()
        #expect(pipeline.recorder.events == [Self.head, "xy", "z", "EOF"])
    }

    @Test func byteByByte() throws {
        let pipeline = try Pipeline()
        for byte in Self.head + "xy" { try pipeline.read(String(byte)) }
        #expect(pipeline.recorder.events == [Self.head])
        pipeline.gate.open()
        #expect(pipeline.recorder.events == [Self.head, "xy"])
        try pipeline.read("z")
        pipeline.end()
        #expect(pipeline.recorder.events == [Self.head, "xy", "z", "EOF"])
    }

    @Test(arguments: [
        "HTTP/1.1 403 Forbidden\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.0 101", "nonsense", "HTTP/2",
    ])
    func anyOtherAnswerPassesAsItComes(_ answer: String) throws {
        let pipeline = try Pipeline()
        try pipeline.read(answer)
        try pipeline.read("rest")
        pipeline.end()
        #expect(pipeline.recorder.events == [answer, "rest", "EOF"])
    }

    @Test func anotherAnswerPassesAtTheFirstByteThatTells() throws {
        let pipeline = try Pipeline()
        for byte in "HTTP/1.1 40" { try pipeline.read(String(byte)) }
        #expect(pipeline.recorder.events.joined() == "HTTP/1.1 40")
    }

    @Test func aHeadThatIsTooLargeIsLeftToTheDecoder() throws {
        let limit = 1_024
        let pipeline = try Pipeline(limit: limit)
        let start = "HTTP/1.1 101 Switching Protocols\r\nX: "
        try pipeline.read(start)
        let filling = String(repeating: "x", count: limit)
        try pipeline.read(filling)
        #expect(pipeline.recorder.events == [start + filling])
    }

    @Test func aLargeHeadByteByByteTakesNoTime() throws {
        let pipeline = try Pipeline(limit: 65_536)
        let head = "HTTP/1.1 101 Switching Protocols\r\nX: " + String(repeating: "x", count: 30_000) + "\r\n\r\n"
        let start = Self.processorTime
        for byte in head { try pipeline.read(String(byte)) }
        #expect(pipeline.recorder.events == [head])
        #expect(Self.processorTime - start < .seconds(5))
    }

    /// Of this thread.
    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
