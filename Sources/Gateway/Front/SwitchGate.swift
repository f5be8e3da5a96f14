import NIOCore

/// Holds back what the environment sends behind its `101`, until the relay is in place.
///
/// The environment may answer the handshake, send an error frame and close, all in one read. NIO's HTTP decoder hands on
/// what it has left when it is removed, but not if the end of the stream reached it before
/// (`HTTPDecoder.decodeLast(context:buffer:seenEOF:)`), and it leaves only in the event loop's next turn. So this handler
/// stands before the decoder and lets it see no more than the head.
final class SwitchGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        /// The end of the head has not come.
        case head(ByteBuffer)
        /// It switches protocols: the bytes behind, and whether the stream has ended.
        case held(ByteBuffer, hasEnded: Bool)
        case open
    }

    private let limit: Int
    private var state = State.head(ByteBuffer())
    private var context: ChannelHandlerContext?

    /// - Parameter limit: bytes of a head that the decoder takes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Hands on what was held, and everything from here on.
    func open() {
        guard case .held(let bytes, let hasEnded) = state, let context else { return }
        state = .open
        if bytes.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(bytes))
            context.fireChannelReadComplete()
        }
        if hasEnded { context.fireUserInboundEventTriggered(ChannelEvent.inputClosed) }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        switch state {
        case .head(var head):
            let seen = head.readableBytes
            head.writeImmutableBuffer(bytes)
            look(at: head, seen: seen, context)
        case .held(var held, let hasEnded):
            held.writeImmutableBuffer(bytes)
            state = .held(held, hasEnded: hasEnded)
        case .open:
            context.fireChannelRead(data)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .held(let bytes, _) = state, case ChannelEvent.inputClosed = event {
            state = .held(bytes, hasEnded: true)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// An answer other than 101 goes on as it comes; so does a head that the decoder will refuse for its size.
    private func look(at head: ByteBuffer, seen: Int, _ context: ChannelHandlerContext) {
        let end = Self.end(of: head, seen: seen)
        guard Self.switchesProtocols(head), end != nil || head.readableBytes <= limit else {
            state = .open
            return context.fireChannelRead(wrapInboundOut(head))
        }
        var rest = head
        guard let end, let whole = rest.readSlice(length: end) else {
            state = .head(head)
            return
        }
        state = .held(rest, hasEnded: false)
        context.fireChannelRead(wrapInboundOut(whole))
    }

    /// `HTTP/1.1 101`, as far as it has come (RFC 9112 section 4).
    private static func switchesProtocols(_ head: ByteBuffer) -> Bool {
        zip(head.readableBytesView, "HTTP/1.1 101".utf8).allSatisfy { $0 == $1 }
    }

    /// The length up to and with the empty line.
    /// - Parameter seen: how many bytes were looked at before.
    private static func end(of head: ByteBuffer, seen: Int) -> Int? {
        let view = head.readableBytesView
        let mark = Array("\r\n\r\n".utf8)
        let unseen = view.dropFirst(max(0, seen - mark.count + 1))
        return unseen.indices.first { view[$0...].starts(with: mark) }.map { $0 - view.startIndex + mark.count }
    }
}
