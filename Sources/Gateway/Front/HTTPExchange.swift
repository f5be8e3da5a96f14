import NIOCore
import NIOHTTP1

/// One HTTP request on its way to the environment, and the answer on its way back. Each has a connection of its own to the
/// environment: that costs a local connect, and spares the question what to do with a request that met a connection
/// which the server was about to close.
///
/// Confined to one event loop.
final class HTTPExchange: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// What the exchange tells the client's side.
    protocol Owner: AnyObject {
        /// Whether the client takes more of the answer.
        var takesResponse: Bool { get }
        func responded(_ part: HTTPServerResponsePart)
        func responsePaused()
        /// The environment cannot be reached, or its connection ended before the answer did.
        func failed(_ exchange: HTTPExchange, hasHead: Bool)
        func writabilityChanged()
    }

    private let match: RouteTable.Match
    private weak var owner: (any Owner)?
    private var channel: (any Channel)?
    private var queued: [HTTPClientRequestPart] = []
    private var queuedBytes = 0
    private var owesRead = false
    private var hasHead = false
    private var isOver = false

    init(_ match: RouteTable.Match, owner: any Owner) {
        self.match = match
        self.owner = owner
    }

    func start(_ connector: UpstreamConnector) {
        let bound = NIOLoopBound(self, eventLoop: connector.loop)
        connector.connect(to: match.environment.endpoint) { bound.value }
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .success(let channel): self.connected(channel)
                case .failure: self.end(failing: true)
                }
            }
    }

    /// Whether more of the request may be read.
    var takesMore: Bool {
        guard let channel else { return queuedBytes < 65_536 }
        return channel.isWritable
    }

    func send(_ part: HTTPClientRequestPart) {
        guard !isOver else { return }
        guard let channel else {
            if case .body(.byteBuffer(let bytes)) = part { queuedBytes += bytes.readableBytes }
            return queued.append(part)
        }
        channel.writeAndFlush(part, promise: nil)
    }

    /// The client may take more of the answer by now.
    func resume() {
        guard owesRead, let channel else { return }
        owesRead = false
        channel.read()
    }

    func cancel() {
        isOver = true
        channel?.close(promise: nil)
    }

    private func connected(_ channel: any Channel) {
        guard !isOver else { return channel.close(promise: nil) }
        self.channel = channel
        for part in queued { channel.write(part, promise: nil) }
        queued = []
        channel.flush()
        owner?.writabilityChanged()
        resume()
    }

    func read(context: ChannelHandlerContext) {
        guard owner?.takesResponse ?? true else {
            owesRead = true
            return
        }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if !head.status.isInformational { hasHead = true }
            owner?.responded(.head(HeaderRules.response(head, of: match)))
        case .body(let bytes):
            owner?.responded(.body(.byteBuffer(bytes)))
        case .end(let trailers):
            guard hasHead else { return }
            isOver = true
            owner?.responded(.end(trailers))
            context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        owner?.responsePaused()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        owner?.writabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // An answer that ends with its connection has ended by now.
        if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Of several addresses of the environment that are tried, those that were not needed.
        guard channel === context.channel else { return }
        end(failing: !isOver)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func end(failing: Bool) {
        guard failing, !isOver else { return }
        isOver = true
        owner?.failed(self, hasHead: hasHead)
    }
}

extension HTTPResponseStatus {
    /// 1xx: another answer follows.
    var isInformational: Bool { code >= 100 && code < 200 }
}
