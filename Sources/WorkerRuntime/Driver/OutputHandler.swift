import Logging
import NIOCore

/// Logs what a worker prints, line by line, up to a limit; reads on and drops beyond it, so that a chatty rubric neither
/// stalls nor floods the log.
final class OutputHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private static let lineMax = 8192

    private let level: Logger.Level
    private let logger: Logger
    private var left: Int
    private var line: [UInt8] = []
    private let dropped: (Int) -> Void

    /// - Parameter dropped: called on the channel's event loop with each count of dropped bytes.
    init(_ stream: String, level: Logger.Level, max: Int, logger: Logger, dropped: @escaping (Int) -> Void) {
        var logger = logger
        logger[metadataKey: "stream"] = "\(stream)"
        self.logger = logger
        self.level = level
        self.dropped = dropped
        left = max
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data).readableBytesView
        let kept = bytes.prefix(left)
        left -= kept.count
        for byte in kept { take(byte) }
        guard kept.count < bytes.count else { return }
        if !kept.isEmpty { logger.warning("further output is dropped") }
        dropped(bytes.count - kept.count)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !line.isEmpty { logLine() }
        context.fireChannelInactive()
    }

    /// A stream that cannot be read is at its end.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func take(_ byte: UInt8) {
        if byte == UInt8(ascii: "\n") || line.count == Self.lineMax { logLine() }
        if byte == UInt8(ascii: "\n") { return }
        // Control characters would act on the terminal that shows the log.
        line.append(byte < 0x20 && byte != UInt8(ascii: "\t") || byte == 0x7F ? UInt8(ascii: "?") : byte)
    }

    private func logLine() {
        logger.log(level: level, "\(String(decoding: line, as: UTF8.self))")
        line.removeAll(keepingCapacity: true)
    }
}
