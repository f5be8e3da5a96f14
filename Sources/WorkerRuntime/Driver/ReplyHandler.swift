import AdapterSeam
import NIOCore

/// Cuts what a worker sends into frames, reads them, and hands the replies on. On the channel's event loop.
final class ReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Event {
        case reply(WorkerReply)
        case breach(ProtocolBreach)
        case closed
    }

    private let processor: NIOSingleStepByteToMessageProcessor<FrameDecoder>
    private let receive: (Event) -> Void
    private var isBroken = false

    init(frameMax: Int, receive: @escaping (Event) -> Void) {
        processor = NIOSingleStepByteToMessageProcessor(FrameDecoder(frameMax: frameMax))
        self.receive = receive
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isBroken else { return }
        do {
            try processor.process(buffer: unwrapInboundIn(data)) { frame in
                for reply in try WorkerReply.read(frame) { receive(.reply(reply)) }
            }
        } catch {
            isBroken = true
            receive(.breach(error as? ProtocolBreach ?? ProtocolBreach("\(error)")))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        receive(.closed)
        context.fireChannelInactive()
    }

    /// A socket that cannot be read or written is at its end.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
