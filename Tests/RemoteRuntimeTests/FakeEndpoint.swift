import BridgeTesting
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An OpenAI-compatible endpoint on loopback that does as the test says, call by call.
final class FakeEndpoint: Sendable {
    struct Call: Sendable {
        var method: HTTPMethod
        var uri: String
        var headers: HTTPHeaders
        var body = ""
        var arrival = ContinuousClock.now
    }

    enum Act: Sendable {
        case respond(HTTPResponseStatus, HTTPHeaders, String)
        /// The head and a part of the body, and then nothing.
        case stall
        /// Nothing, until the call is released.
        case hold
        case close

        static func answer(_ body: String) -> Act { .answer(.ok, body) }

        static func answer(_ status: HTTPResponseStatus, _ body: String) -> Act {
            .answer(status, ["content-type": "application/json"], body)
        }

        static func answer(_ status: HTTPResponseStatus, _ headers: HTTPHeaders, _ body: String) -> Act {
            .respond(status, headers, body)
        }
    }

    let calls = Watched<[Call]>([])
    /// Connections that the other side ended while their call had no answer.
    let dropped = Watched(0)
    private let held = Watched<[@Sendable (Act) -> Void]>([])
    private let script: @Sendable (Int, Call) -> Act
    private let listener = Mutex<(any Channel)?>(nil)

    /// - Parameter script: what to do with a call; the first has number 0.
    init(_ script: @escaping @Sendable (Int, Call) -> Act) {
        self.script = script
    }

    func start() async throws {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(FakeEndpointHandler(self))
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        listener.withLock { $0 = channel }
    }

    func stop() async throws {
        try await listener.withLock { $0 }?.close().get()
    }

    var url: String { "http://127.0.0.1:\(listener.withLock { $0?.localAddress?.port } ?? 0)/v1" }

    /// Returns when that many calls were held.
    func wait(forHeld count: Int) async throws {
        try await held.wait(for: "\(count) calls held") { $0.count >= count }
    }

    func release(_ index: Int, _ act: Act) {
        held.value[index](act)
    }

    fileprivate func act(on call: Call, _ release: @escaping @Sendable (Act) -> Void) {
        let number = calls.change { calls in
            calls.append(call)
            return calls.count - 1
        }
        let act = script(number, call)
        if case .hold = act { held.change { $0.append(release) } } else { release(act) }
    }
}

private final class FakeEndpointHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let endpoint: FakeEndpoint
    private var call: FakeEndpoint.Call?
    private var isWaiting = false

    init(_ endpoint: FakeEndpoint) {
        self.endpoint = endpoint
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): call = .init(method: head.method, uri: head.uri, headers: head.headers)
        case .body(let bytes): call?.body += String(buffer: bytes)
        case .end: ask(context)
        }
    }

    private func ask(_ context: ChannelHandlerContext) {
        guard let call else { return }
        isWaiting = true
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        endpoint.act(on: call) { act in
            bound.eventLoop.execute { bound.value.0.perform(act, bound.value.1) }
        }
    }

    private func perform(_ act: FakeEndpoint.Act, _ context: ChannelHandlerContext) {
        switch act {
        case .hold: break
        case .close: context.close(promise: nil)
        case .stall:
            write(.ok, ["content-length": "100"], "{", context)
            context.flush()
        case .respond(let status, var headers, let body):
            isWaiting = false
            headers.add(name: "content-length", value: "\(body.utf8.count)")
            write(status, headers, body, context)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private func write(
        _ status: HTTPResponseStatus,
        _ headers: HTTPHeaders,
        _ body: String,
        _ context: ChannelHandlerContext
    ) {
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if isWaiting { endpoint.dropped.change { $0 += 1 } }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
