import BridgeTesting
import NIOCore
import NIOPosix

/// A TCP connection to a gate whose bytes are the test's own.
struct RawClient {
    private let channel: any Channel
    /// What came, and whether the other side has ended.
    private let received: Watched<(text: String, isOver: Bool)>

    /// - Parameter first: is sent as soon as the connection stands: a test's own task may wait for its turn longer than a
    ///   connection may stand still.
    static func connect(to port: Int, sending first: String = "") async throws -> RawClient {
        let received = Watched((text: "", isOver: false))
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Receiver(received, first: first))
                }
            }
            .connect(host: "127.0.0.1", port: port)
            .get()
        return RawClient(channel: channel, received: received)
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    func close() async throws {
        try await channel.close().get()
    }

    /// Stops taking what the gate sends.
    func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    /// - Returns: what came, once it holds a text.
    @discardableResult
    func wait(for text: String) async throws -> String {
        try await received.wait(for: "'\(text)'") { $0.text.contains(text) }.text
    }

    /// - Returns: whether the text came, once it did or the other side has ended.
    func waitForEndOr(_ text: String) async throws -> Bool {
        try await received.wait(for: "'\(text)' or the end") { $0.isOver || $0.text.contains(text) }.text.contains(text)
    }

    /// - Returns: what came, once the other side has ended.
    func readToEnd() async throws -> String {
        try await received.wait(for: "the end of the connection") { $0.isOver }.text
    }
}

private final class Receiver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let received: Watched<(text: String, isOver: Bool)>

    private let first: String

    init(_ received: Watched<(text: String, isOver: Bool)>, first: String) {
        self.received = received
        self.first = first
    }

    func channelActive(context: ChannelHandlerContext) {
        if !first.isEmpty { context.channel.writeAndFlush(ByteBuffer(string: first), promise: nil) }
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let text = String(buffer: unwrapInboundIn(data))
        received.change { $0.text += text }
    }

    func channelInactive(context: ChannelHandlerContext) {
        received.change { $0.isOver = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
