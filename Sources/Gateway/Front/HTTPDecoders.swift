import NIOCore
import NIOHTTP1

/// The HTTP decoders of both sides, which hand on what they have left when the connection becomes a relay.
enum HTTPDecoders {
    static func requests(_ limits: GatewayLimits) -> ByteToMessageHandler<HTTPRequestDecoder> {
        ByteToMessageHandler(
            HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: limits.heads)
        )
    }

    static func responses(_ limits: GatewayLimits) -> ByteToMessageHandler<HTTPResponseDecoder> {
        ByteToMessageHandler(
            HTTPResponseDecoder(
                leftOverBytesStrategy: .forwardBytes,
                informationalResponseStrategy: .forward,
                limitConfiguration: limits.heads
            )
        )
    }

    /// Makes one of each, before event loops do so at the same time: the runtime of Swift 6.3.1 may crash in
    /// `swift_getTypeByMangledName` when two threads are the first to ask for such a type (unoptimised builds: one start
    /// in ten in which two connections come at once; swiftlang/swift pull request 37656 is about a like case).
    static func prepare(_ limits: GatewayLimits) {
        _ = requests(limits)
        _ = responses(limits)
    }
}
