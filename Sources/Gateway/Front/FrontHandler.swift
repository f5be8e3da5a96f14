import DequeModule
import JSONBytes
import Logging
import NIOCore
import NIOHTTP1
import OpenEnvWire
import RewardModel
import Synchronization

/// The client's side of a connection as long as it speaks HTTP: finds the environment of each request, passes requests and
/// answers on, and turns the connection into a relay when a WebSocket handshake succeeds.
///
/// One request at a time; what a client pipelines waits here, and reading stops meanwhile.
final class FrontHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests.
        case idle
        /// A reset's body is being collected.
        case collecting(HTTPRequestHead, RouteTable.Match, ByteBuffer)
        /// The request goes on to the environment, or its answer comes back.
        case exchanging(HTTPExchange, isSent: Bool)
        /// The bridge answered by itself; the rest of the request is of no interest.
        case skipping
        case upgrading(Handshake)
        /// The connection is a relay, or gone.
        case left
    }

    private let shared: GatewayShared
    private var state = State.idle
    private var context: ChannelHandlerContext?
    private var backlog = Deque<HTTPServerRequestPart>()
    private var closesAfterResponse = false
    private var owesRead = false
    private var headTimer: Scheduled<Void>?

    init(_ shared: GatewayShared) {
        self.shared = shared
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        backlog.append(unwrapInboundIn(data))
        work()
    }

    private func work() {
        while isReady, let part = backlog.popFirst() { take(part) }
    }

    /// Whether the next part of a request can be taken.
    private var isReady: Bool {
        switch state {
        case .idle, .collecting, .skipping: true
        case .exchanging(_, let isSent): !isSent
        case .upgrading, .left: false
        }
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch (state, part) {
        case (.idle, .head(let head)): begin(head)
        case (.collecting(let head, let match, let body), .body(let bytes)): collect(head, match, body, bytes)
        case (.collecting(let head, let match, let body), .end): sendReset(head, match, body)
        case (.exchanging(let exchange, _), .body(let bytes)): exchange.send(.body(.byteBuffer(bytes)))
        case (.exchanging(let exchange, _), .end(let trailers)):
            state = .exchanging(exchange, isSent: true)
            exchange.send(.end(trailers))
        case (.skipping, .end): finishResponse()
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        headTimer?.cancel()
        closesAfterResponse = closesAfterResponse || !head.isKeepAlive
        guard let match = shared.routes.match(head.uri) else {
            return reply(BridgeReply(.notFound, "no environment is served at this path"))
        }
        guard head.method != .CONNECT else {
            closesAfterResponse = true
            return reply(BridgeReply(.notImplemented, "the bridge opens no tunnels"))
        }
        if HeaderRules.isWebSocket(head) { return upgrade(head, match) }
        count(head, match)
        if head.method == .POST, ["/reset", "/web/reset"].contains(match.path) {
            state = .collecting(head, match, ByteBuffer())
        } else {
            // A refused upgrade to another protocol leaves the decoder unable to read on.
            if head.headers.contains(name: "upgrade") { closesAfterResponse = true }
            exchange(HeaderRules.request(head, to: match), match)
        }
    }

    private func count(_ head: HTTPRequestHead, _ match: RouteTable.Match) {
        guard head.method == .POST else { return }
        switch match.path {
        case "/step", "/web/step": shared.counters.httpSteps.add(1, ordering: .relaxed)
        case "/mcp": shared.counters.httpToolCalls.add(1, ordering: .relaxed)
        default: break
        }
    }

    private func exchange(_ head: HTTPRequestHead, _ match: RouteTable.Match) {
        guard let context else { return }
        let exchange = HTTPExchange(match, owner: self)
        state = .exchanging(exchange, isSent: false)
        exchange.start(UpstreamConnector(loop: context.eventLoop, limits: shared.limits))
        exchange.send(.head(head))
    }

    // MARK: - Resets over HTTP

    private func collect(
        _ head: HTTPRequestHead,
        _ match: RouteTable.Match,
        _ body: ByteBuffer,
        _ bytes: ByteBuffer
    ) {
        guard body.readableBytes + bytes.readableBytes <= shared.limits.resetBodyMax else {
            closesAfterResponse = true
            return reply(BridgeReply(.payloadTooLarge, "the body is larger than \(shared.limits.resetBodyMax) bytes"))
        }
        var body = body
        body.writeImmutableBuffer(bytes)
        state = .collecting(head, match, body)
    }

    /// Cuts the bridge's own key out, so that a gold answer never reaches the environment by this way either.
    private func sendReset(_ head: HTTPRequestHead, _ match: RouteTable.Match, _ body: ByteBuffer) {
        var request = HeaderRules.request(head, to: match)
        var rest = body
        if let cut = ResetKey.cut(fromObject: body) {
            rest = cut.rest
            request.headers.remove(name: "transfer-encoding")
            request.headers.replaceOrAdd(name: "content-length", value: "\(rest.readableBytes)")
        }
        exchange(request, match)
        guard case .exchanging(let exchange, _) = state else { return }
        if rest.readableBytes > 0 { exchange.send(.body(.byteBuffer(rest))) }
        state = .exchanging(exchange, isSent: true)
        exchange.send(.end(nil))
    }

    // MARK: - WebSocket handshakes

    private func upgrade(_ head: HTTPRequestHead, _ match: RouteTable.Match) {
        guard let context else { return }
        // Whatever comes of it, the decoder reads no second request after an upgrade.
        closesAfterResponse = true
        guard shared.connections.sessionCount < shared.limits.sessionsMax else {
            return reply(BridgeReply(.serviceUnavailable, "the bridge serves as many sessions as it may"))
        }
        let connector = UpstreamConnector(loop: context.eventLoop, limits: shared.limits)
        let handshake = Handshake(head, match, connector: connector) { [self] result in
            handshakeEnded(result, head, match)
        }
        state = .upgrading(handshake)
        handshake.start()
    }

    private func handshakeEnded(_ result: Handshake.Result, _ head: HTTPRequestHead, _ match: RouteTable.Match) {
        switch result {
        case .switched(let response, let channel, let handler):
            becomeRelay(response, channel, handler, head, match)
        case .refused(let response, let body):
            var response = response
            response.headers.remove(name: "transfer-encoding")
            response.headers.replaceOrAdd(name: "content-length", value: "\(body.readableBytes)")
            reply(response, body)
        case .unreachable(let reason):
            shared.logger.warning("could not open a session on '\(match.environment.endpoint.authority)': \(reason)")
            reply(BridgeReply(.badGateway, reason))
        }
    }

    private func becomeRelay(
        _ response: HTTPResponseHead,
        _ upstream: any Channel,
        _ handler: UpgradeHandler,
        _ head: HTTPRequestHead,
        _ match: RouteTable.Match
    ) {
        guard let context else { return upstream.close(promise: nil) }
        state = .left
        let session = RelaySession(
            id: shared.mintSession(),
            route: match,
            loop: context.eventLoop,
            shared: shared
        )
        var response = response
        response.headers.add(name: "rewardbridge-session", value: "\(session.id)")
        context.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
        let name = match.sessionName ?? head.headers.first(name: "rewardbridge-name")
        let legs = session.start(name: name, attachment: match.environment.attachment)
        do {
            try RelayPipelines.join(client: context.channel, self, environment: upstream, handler, legs: legs)
        } catch {
            context.close(promise: nil)
            upstream.close(promise: nil)
            session.connectionEnded(.client)
            session.connectionEnded(.environment)
        }
    }

    // MARK: - Answers

    private func reply(_ reply: BridgeReply) {
        self.reply(reply.head, reply.body)
    }

    private func reply(_ head: HTTPResponseHead, _ body: ByteBuffer) {
        let isReceived = if case .upgrading = state { true } else { false }
        state = .skipping
        respond(.head(head))
        if body.readableBytes > 0 { respond(.body(.byteBuffer(body))) }
        respond(.end(nil))
        context?.flush()
        // The end of an upgrade request may be in the backlog or consumed already.
        if isReceived || closesAfterResponse { finishResponse() } else { work() }
    }

    private func respond(_ part: HTTPServerResponsePart) {
        var part = part
        if case .head(var head) = part, closesAfterResponse, !head.status.isInformational {
            head.headers.replaceOrAdd(name: "connection", value: "close")
            part = .head(head)
        }
        context?.write(wrapOutboundOut(part), promise: nil)
    }

    /// The answer is out, and the request is in.
    private func finishResponse() {
        guard !closesAfterResponse else {
            state = .left
            context?.close(promise: nil)
            return
        }
        state = .idle
        awaitHead(within: shared.limits.keepAlive)
        work()
        readIfOwed()
    }

    // MARK: - Reading

    func read(context: ChannelHandlerContext) {
        owesRead = true
        readIfOwed()
    }

    private func readIfOwed() {
        guard owesRead, wantsMore else { return }
        owesRead = false
        context?.read()
    }

    private var wantsMore: Bool {
        switch state {
        case .idle, .collecting, .skipping: true
        case .exchanging(let exchange, let isSent): !isSent && exchange.takesMore
        // The end of the client's connection must be seen while the handshake is under way.
        case .upgrading, .left: true
        }
    }

    // MARK: - Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        shared.connections.add(self, on: context.eventLoop)
        awaitHead(within: shared.limits.handshakeTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        headTimer?.cancel()
        self.context = nil
        shared.connections.remove(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        headTimer?.cancel()
        switch state {
        case .exchanging(let exchange, _): exchange.cancel()
        case .upgrading(let handshake): handshake.cancel()
        case .idle, .collecting, .skipping, .left: break
        }
        state = .left
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            switch state {
            case .idle, .collecting: context.close(promise: nil)
            case .upgrading(let handshake):
                handshake.cancel()
                context.close(promise: nil)
            case .exchanging, .skipping: closesAfterResponse = true
            case .left: break
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .exchanging(let exchange, _) = state { exchange.setReading(context.channel.isWritable) }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, case .idle = state else { return context.close(promise: nil) }
        closesAfterResponse = true
        reply(BridgeReply(.badRequest, "the request is not HTTP/1.1"))
    }

    /// Ends the connection once it is between requests.
    func stop() {
        closesAfterResponse = true
        if case .idle = state { context?.close(promise: nil) }
    }

    func abandon() {
        context?.close(promise: nil)
    }

    private func awaitHead(within patience: Duration) {
        guard let context else { return }
        headTimer?.cancel()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        headTimer = context.eventLoop.scheduleTask(in: TimeAmount(patience)) { bound.value.headTimedOut() }
    }

    private func headTimedOut() {
        guard case .idle = state else { return }
        context?.close(promise: nil)
    }
}

extension FrontHandler: HTTPExchange.Owner {
    func responded(_ part: HTTPServerResponsePart) {
        respond(part)
        guard case .end = part else { return }
        context?.flush()
        guard case .exchanging(_, let isSent) = state else { return }
        // An answer before the end of the request: the rest of it has nowhere to go.
        if !isSent { closesAfterResponse = true }
        finishResponse()
    }

    func responsePaused() {
        context?.flush()
    }

    func failed(_ exchange: HTTPExchange, hasHead: Bool) {
        guard !hasHead else { return abandon() }
        closesAfterResponse = true
        reply(BridgeReply(.badGateway, "the environment cannot be reached or closed the connection"))
    }

    func writabilityChanged() {
        readIfOwed()
    }
}
