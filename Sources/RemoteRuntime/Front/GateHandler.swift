import NIOCore
import NIOHTTP1

/// A rubric's connection to the gate: one request at a time is collected, given to its judge, and answered.
///
/// Answers are given behind the whole request, which a refused client may go on sending. A client that goes away
/// takes its call with it.
final class GateHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        case idle
        case collecting(GateRoutes.Match)
        /// The rest of a request is of no interest.
        case refusing(JudgeAnswer)
        /// The task ends with ``finish(_:)``.
        case asking(Task<Void, Never>)
        /// The connection is over, or ends behind what was written.
        case over
    }

    private let routes: GateRoutes
    private let connections: GateConnections
    private var state = State.idle
    /// Of a request, as far as it has come.
    private var body = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var closesAfterReply = false

    init(_ routes: GateRoutes, _ connections: GateConnections) {
        self.routes = routes
        self.connections = connections
    }

    // MARK: - Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (state, unwrapInboundIn(data)) {
        case (.idle, .head(let head)): begin(head)
        case (.collecting(let match), .body(let bytes)): collect(bytes, for: match)
        case (.collecting(let match), .end): ask(match)
        case (.refusing(let answer), .end): reply(JudgeReply(answer: answer))
        default: break
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        closesAfterReply = closesAfterReply || !head.isKeepAlive
        let waits = head.headers.contains(name: "expect")
        do throws(GateRoutes.Refusal) {
            let match = try routes.match(head, at: .now)
            let limit = match.judge.options.bodyMax
            if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > limit {
                throw GateRoutes.Refusal(answer: .requestTooLarge(limit))
            }
            state = .collecting(match)
            if waits { proceed() }
        } catch {
            state = .refusing(error.answer)
            // A client that waits for its turn to send the body need not send it any more (RFC 9110 section 10.1.1).
            if waits { leave(JudgeReply(answer: error.answer)) }
        }
    }

    private func proceed() {
        guard let context else { return }
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
    }

    private func collect(_ bytes: ByteBuffer, for match: GateRoutes.Match) {
        let limit = match.judge.options.bodyMax
        guard body.readableBytes + bytes.readableBytes <= limit else {
            body = ByteBuffer()
            state = .refusing(.requestTooLarge(limit))
            return
        }
        body.writeImmutableBuffer(bytes)
    }

    private func ask(_ match: GateRoutes.Match) {
        guard let context else { return }
        var request = match.request
        request.body = body
        body = ByteBuffer()
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        state = .asking(
            Task { [request] in
                let reply = await match.judge.reply(to: request)
                bound.eventLoop.execute { bound.value.finish(reply) }
            }
        )
    }

    private func finish(_ reply: JudgeReply) {
        // The client may have gone meanwhile.
        guard context?.channel.isActive == true else { return end() }
        self.reply(reply)
    }

    // MARK: - Answers

    private func reply(_ reply: JudgeReply) {
        guard !closesAfterReply else { return leave(reply) }
        state = .idle
        write(reply, promise: nil)
    }

    /// Answers and closes.
    private func leave(_ reply: JudgeReply) {
        guard let context else { return }
        closesAfterReply = true
        state = .over
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        write(reply, promise: written)
    }

    private func write(_ reply: JudgeReply, promise: EventLoopPromise<Void>?) {
        guard let context else { return }
        let body = reply.answer.body
        var head = HTTPResponseHead(version: .http1_1, status: reply.answer.status, headers: reply.answer.headers)
        head.headers.add(name: "content-length", value: String(body.readableBytes))
        head.headers.add(name: "RewardBridge-Judge-Cached", value: reply.isCached ? "true" : "false")
        head.headers.add(name: "RewardBridge-Judge-Attempts", value: String(reply.attempts))
        if let record = reply.record { head.headers.add(name: "RewardBridge-Judge-Call", value: record.headerValue) }
        if closesAfterReply { head.headers.add(name: "connection", value: "close") }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    // MARK: - Life

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        if !connections.add(self, on: context.eventLoop) { context.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if case .asking(let task) = state { task.cancel() } else { end() }
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    /// The connection is gone, and no call is left of it.
    private func end() {
        state = .over
        connections.remove(self)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (event, state) {
        case (is IdleStateHandler.IdleStateEvent, .asking): break
        case (is IdleStateHandler.IdleStateEvent, _): context.close(promise: nil)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    /// Answers a call that is open with 503, and closes.
    func stop() {
        closesAfterReply = true
        switch state {
        case .idle: context?.close(promise: nil)
        case .collecting, .refusing: leave(JudgeReply(answer: .stopping))
        case .asking(let task): task.cancel()
        case .over: break
        }
    }

    func abandon() {
        context?.close(promise: nil)
    }
}
