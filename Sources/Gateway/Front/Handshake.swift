import NIOCore
import NIOHTTP1
import RewardModel

/// Tries to open a WebSocket on the environment with the client's own request, key included, so that the answer is good
/// for the client as it stands. Follows redirects on the environment's own server, and to others that it may be redirected
/// to.
///
/// Confined to one event loop; ends exactly once.
final class Handshake {
    enum Result {
        /// The environment switched protocols; its pipeline still ends in the handler.
        case switched(HTTPResponseHead, any Channel, UpgradeHandler)
        /// It answered otherwise; at most 64 KiB of the body are kept.
        case refused(HTTPResponseHead, ByteBuffer)
        case unreachable(String)
    }

    private let match: RouteTable.Match
    private let connector: UpstreamConnector
    private var completion: ((Result) -> Void)?
    /// For the environment's own server.
    private let request: HTTPRequestHead
    /// Where the last redirect led.
    private var place: RedirectPlace?
    private var redirects = 0
    private var channel: (any Channel)?
    private var timer: Scheduled<Void>?

    init(
        _ head: HTTPRequestHead,
        _ match: RouteTable.Match,
        connector: UpstreamConnector,
        completion: @escaping (Result) -> Void
    ) {
        self.match = match
        self.connector = connector
        self.completion = completion
        request = HeaderRules.request(head, to: match)
    }

    func start() {
        let limits = connector.limits
        let patience = limits.connectTimeout + limits.handshakeTimeout
        let bound = NIOLoopBound(self, eventLoop: connector.loop)
        timer = connector.loop.scheduleTask(in: TimeAmount(patience)) {
            bound.value.finish(.unreachable("the environment did not answer the handshake within \(patience)"))
        }
        attempt()
    }

    /// The client is gone.
    func cancel() {
        completion = nil
        timer?.cancel()
        channel?.close(promise: nil)
    }

    /// The one that is asked.
    private var server: EnvironmentURL { place?.server ?? match.environment.endpoint }

    private func attempt() {
        let bound = NIOLoopBound(self, eventLoop: connector.loop)
        connector.connect(to: server) { UpgradeHandler(bound.value) }
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): self.connected(channel)
                case .failure: self.finish(.unreachable("the environment does not accept connections"))
                }
            }
    }

    private func connected(_ channel: any Channel) {
        // The client may have left meanwhile: then this connection belongs to nobody.
        guard completion != nil else { return channel.close(promise: nil) }
        self.channel = channel
        let head = place.map { HeaderRules.request(request, redirectedTo: $0, of: match.environment) } ?? request
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    // MARK: - Answers

    func answered(_ head: HTTPResponseHead, _ body: ByteBuffer, on channel: any Channel, _ handler: UpgradeHandler) {
        if head.status == .switchingProtocols {
            guard !head.headers.contains(name: "sec-websocket-extensions") else {
                return finish(.unreachable("the environment chose a WebSocket extension that was not offered"))
            }
            finish(.switched(HeaderRules.response(head, of: match), channel, handler))
        } else if !follow(head) {
            finish(.refused(HeaderRules.response(head, of: match), body))
        }
    }

    func lost(_ lost: any Channel) {
        // Of several addresses of the environment that are tried, those that were not needed.
        guard channel === lost else { return }
        finish(.unreachable("the environment closed the connection during the handshake"))
    }

    private func follow(_ head: HTTPResponseHead) -> Bool {
        guard
            [301, 302, 303, 307, 308].contains(head.status.code),
            let location = head.headers.first(name: "location"),
            let place = RedirectPlace(location, from: server, of: match.environment)
        else { return false }
        guard redirects < connector.limits.redirectsMax else {
            finish(.unreachable("the environment redirects the handshake more than \(redirects) times"))
            return true
        }
        redirects += 1
        self.place = place
        channel?.close(promise: nil)
        channel = nil
        attempt()
        return true
    }

    private func finish(_ result: Result) {
        guard let completion else { return }
        self.completion = nil
        timer?.cancel()
        if case .switched = result {} else { channel?.close(promise: nil) }
        completion(result)
    }
}

/// The last handler of a connection to the environment while its handshake is under way.
final class UpgradeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart

    private static let bodyMax = 65_536
    private let handshake: Handshake
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()
    private var isOver = false

    init(_ handshake: Handshake) {
        self.handshake = handshake
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if !head.status.isInformational || head.status == .switchingProtocols { self.head = head }
        case .body(let bytes):
            body.writeImmutableBuffer(bytes.getSlice(at: bytes.readerIndex, length: room(for: bytes)) ?? ByteBuffer())
        case .end:
            // Not before the end: the decoder still hands it on, and a relay must not meet it.
            guard let head else { return }
            isOver = true
            handshake.answered(head, body, on: context.channel, self)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        guard !isOver else { return }
        isOver = true
        handshake.lost(context.channel)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if !isOver, case ChannelEvent.inputClosed = event { return context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func room(for bytes: ByteBuffer) -> Int {
        min(bytes.readableBytes, Self.bodyMax - body.readableBytes)
    }
}
