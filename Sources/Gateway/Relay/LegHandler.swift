import NIOCore

/// One end of a relayed connection: brings its channel's events to the session, and holds back reads while the session
/// wants none.
final class LegHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Side {
        case client
        case environment
    }

    let side: Side
    /// nil once the session is over.
    private(set) var session: RelaySession?
    private var context: ChannelHandlerContext?
    private var isReading = true
    private var owesRead = false
    private var isEnding = false
    private var hasEnded = false

    init(side: Side, session: RelaySession) {
        self.side = side
        self.session = session
    }

    var isActive: Bool { context?.channel.isActive ?? false }
    /// Kept, because the session asks three times a step, and the channel takes 1,000 instructions to answer.
    private(set) var isWritable = false

    // MARK: - What the session asks for

    func write(_ bytes: ByteBuffer) {
        context?.write(wrapOutboundOut(bytes), promise: nil)
    }

    func flush() {
        context?.flush()
    }

    /// Sends an end of file after everything that was written. Where the peer has sent its own, that ends the connection,
    /// and NIO does so at once, whatever is not sent yet; hence the wait for a last empty write.
    func closeOutput() {
        guard let context, !isEnding else { return }
        isEnding = true
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).assumeIsolated().whenComplete { _ in
            context.close(mode: .output, promise: nil)
        }
    }

    func close() {
        context?.close(promise: nil)
    }

    /// The session is over: lets go of it.
    func leaveSession() {
        session = nil
    }

    func setReading(_ reads: Bool) {
        guard reads != isReading else { return }
        isReading = reads
        guard reads, owesRead else { return }
        owesRead = false
        context?.read()
    }

    // MARK: - Channel events

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        isWritable = context.channel.isWritable
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        // A channel that closed before the leg was there has told it nothing.
        end()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        session?.received(unwrapInboundIn(data), from: side)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        session?.readCompleted(from: side)
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        guard isReading else {
            owesRead = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        session?.adjustReading()
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { session?.inputClosed(side) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        guard !hasEnded else { return }
        hasEnded = true
        isWritable = false
        session?.connectionEnded(side)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A reset or a broken TLS session: the connection is of no further use.
        context.close(promise: nil)
    }
}
