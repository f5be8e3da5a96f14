import DequeModule
import NIOCore
import NIOHTTP1
import Synchronization

/// The client's side of a connection as long as it speaks HTTP: finds the environment of each request, passes requests and
/// answers on, and turns the connection into a relay when a WebSocket handshake succeeds.
///
/// One request at a time; what a client pipelines waits here, and reading stops meanwhile. The work is in the extensions:
/// Reset, Handshake, Answers.
final class FrontHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    enum State {
        /// Between requests.
        case idle
        /// A reset's body is being collected.
        case collecting(HTTPRequestHead, RouteTable.Match)
        /// The request goes on to the environment, or its answer comes back.
        case exchanging(HTTPExchange, isSent: Bool)
        /// The bridge answered by itself; the rest of the request is of no interest.
        case skipping
        case upgrading(Handshake)
        /// The connection is a relay, or over; what the client still sends is of no interest.
        case left
    }

    let shared: GatewayShared
    var state = State.idle
    private(set) var context: ChannelHandlerContext?
    private(set) var backlog = Deque<HTTPServerRequestPart>()
    private var isWorking = false
    /// The body of a reset, as far as it has come.
    var resetBody = ByteBuffer()
    /// What the request at hand asks of its answer's form.
    var form = ResponseForm()
    var closesAfterResponse = false
    /// Nothing more comes from the client.
    var isInputOver = false
    /// The last part of an answer, as far as the kernel has it.
    var written: EventLoopFuture<Void>?
    var owesRead = false
    var headTimer: Scheduled<Void>?

    init(_ shared: GatewayShared) {
        self.shared = shared
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .left = state { return }
        backlog.append(unwrapInboundIn(data))
        work()
    }

    /// Takes the parts that can be taken; a part that the bridge answers itself makes the next one ready in the middle of
    /// this.
    func work() {
        guard !isWorking else { return }
        isWorking = true
        while isReady, let part = backlog.popFirst() { take(part) }
        isWorking = false
        if isInputOver, backlog.isEmpty { leaveIfCutShort() }
    }

    /// The rest of a request that began will not come.
    private func leaveIfCutShort() {
        switch state {
        case .collecting, .exchanging(_, isSent: false): context?.close(promise: nil)
        case .idle, .exchanging, .skipping, .upgrading, .left: break
        }
    }

    /// Whether the next part of a request can be taken.
    private var isReady: Bool {
        switch state {
        // A client that does not read its answers gets no further ones.
        case .idle: takesResponse
        case .collecting, .skipping: true
        case .exchanging(_, let isSent): !isSent
        case .upgrading, .left: false
        }
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch (state, part) {
        case (.idle, .head(let head)): begin(head)
        case (.collecting, .body(let bytes)): collect(bytes)
        case (.collecting(let head, let match), .end): sendReset(head, match)
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
        form = ResponseForm(for: head)
        closesAfterResponse = closesAfterResponse || !head.isKeepAlive || form.isOld
        guard head.method != .CONNECT else {
            closesAfterResponse = true
            return reply(BridgeReply(.notImplemented, "the bridge opens no tunnels"))
        }
        guard let match = shared.routes.match(head.uri) else {
            return reply(BridgeReply(.notFound, "no environment is served at this path"))
        }
        if HeaderRules.isWebSocket(head) { return upgrade(head, match) }
        count(head, match)
        if head.method == .POST, ["/reset", "/web/reset"].contains(match.route) {
            awaitReset(head, match)
        } else {
            // A refused upgrade to another protocol leaves the decoder unable to read on.
            if head.headers.contains(name: "upgrade") { closesAfterResponse = true }
            exchange(HeaderRules.request(head, to: match), match)
        }
    }

    private func count(_ head: HTTPRequestHead, _ match: RouteTable.Match) {
        guard head.method == .POST else { return }
        switch match.route {
        case "/step", "/web/step": shared.counters.httpSteps.add(1, ordering: .relaxed)
        case "/mcp": shared.counters.httpToolCalls.add(1, ordering: .relaxed)
        default: break
        }
    }

    func exchange(_ head: HTTPRequestHead, _ match: RouteTable.Match) {
        guard let context else { return }
        let exchange = HTTPExchange(match, owner: self)
        state = .exchanging(exchange, isSent: false)
        exchange.start(UpstreamConnector(loop: context.eventLoop, limits: shared.limits))
        exchange.send(.head(head))
    }

    // MARK: - Reading

    func read(context: ChannelHandlerContext) {
        owesRead = true
        readIfOwed()
    }

    func readIfOwed() {
        guard owesRead, wantsMore else { return }
        owesRead = false
        context?.read()
    }

    private var wantsMore: Bool {
        switch state {
        case .idle: takesResponse
        case .collecting, .skipping: true
        case .exchanging(let exchange, let isSent): !isSent && exchange.takesMore
        // What the client sends ahead of the relay waits in its socket; its end is seen without reading.
        case .upgrading: false
        case .left: true
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
        _ = takeResetBody()
        shared.connections.remove(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        headTimer?.cancel()
        switch state {
        case .exchanging(let exchange, _): exchange.cancel()
        case .upgrading(let handshake): giveUp(handshake)
        case .idle, .collecting, .skipping, .left: break
        }
        state = .left
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event {
            isInputOver = true
            switch state {
            case .idle where backlog.isEmpty: close()
            case .upgrading: context.close(promise: nil)
            case .idle, .collecting, .exchanging, .skipping, .left: break
            }
            work()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .exchanging(let exchange, _) = state { exchange.resume() }
        work()
        readIfOwed()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.close(promise: nil) }
        isInputOver = true
        switch state {
        case .idle:
            closesAfterResponse = true
            reply(BridgeReply(.badRequest, "the request is not HTTP/1.1"))
        case .skipping: end()
        // Bad bytes behind a request do not take away its answer.
        case .exchanging(_, isSent: true), .left: break
        case .collecting, .exchanging, .upgrading: context.close(promise: nil)
        }
    }

    /// Ends the connection once it is between requests.
    func stop() {
        closesAfterResponse = true
        if case .idle = state { close() }
    }

    func abandon() {
        context?.close(promise: nil)
    }

    func awaitHead(within patience: Duration) {
        guard let context else { return }
        headTimer?.cancel()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        headTimer = context.eventLoop.scheduleTask(in: TimeAmount(patience)) { bound.value.headTimedOut() }
    }

    private func headTimedOut() {
        if case .idle = state { close() }
    }
}
