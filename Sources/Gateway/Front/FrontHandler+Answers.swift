import NIOCore
import NIOHTTP1

/// Answers, the bridge's own and the environment's, and the end behind the last one.
extension FrontHandler {
    func reply(_ reply: BridgeReply) {
        self.reply(reply.head, reply.body)
    }

    func reply(_ head: HTTPResponseHead, _ body: ByteBuffer) {
        let isReceived = if case .upgrading = state { true } else { false }
        state = .skipping
        respond(.head(head))
        if body.readableBytes > 0 { respond(.body(.byteBuffer(body))) }
        respond(.end(nil))
        context?.flush()
        // The end of an upgrade request may be in the backlog or consumed already.
        if isReceived || closesAfterResponse { finishResponse() } else { work() }
    }

    func respond(_ part: HTTPServerResponsePart) {
        guard let context, let part = form.applied(to: part, isLast: closesAfterResponse) else { return }
        written = context.write(wrapOutboundOut(part))
    }

    /// The answer is out, and the request is in.
    func finishResponse() {
        guard !closesAfterResponse, !isInputOver || !backlog.isEmpty else { return end() }
        form = ResponseForm()
        state = .idle
        awaitHead(within: shared.limits.keepAlive)
        work()
        readIfOwed()
    }

    /// Closes behind what was written.
    func close() {
        state = .left
        guard let context else { return }
        guard let written else { return context.close(promise: nil) }
        written.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }

    /// Ends the connection behind the last answer. The client is still read, and not heeded, until it ends its side:
    /// closed before, the connection would be reset for what it still sends, and with it the answer that it has not read
    /// (RFC 9112 section 9.6).
    func end() {
        state = .left
        guard let context, let written else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        headTimer?.cancel()
        headTimer = context.eventLoop.scheduleTask(in: TimeAmount(shared.limits.closeTimeout)) {
            bound.value.close(promise: nil)
        }
        written.assumeIsolated().whenComplete { _ in context.close(mode: .output, promise: nil) }
        context.flush()
        readIfOwed()
    }
}

extension FrontHandler: HTTPExchange.Owner {
    var takesResponse: Bool { context?.channel.isWritable ?? true }

    func responded(_ part: HTTPServerResponsePart) {
        if case .head(let head) = part, !head.status.isInformational, case .exchanging(_, isSent: false) = state {
            // Before the end of the request: its rest may have nowhere to go.
            closesAfterResponse = true
        }
        respond(part)
        guard case .end = part else { return }
        context?.flush()
        if case .exchanging = state { finishResponse() }
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
