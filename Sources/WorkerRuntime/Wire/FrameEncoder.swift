import NIOCore

/// Packs messages into frames: one message as itself, several as an array (RFC 002).
enum FrameEncoder {
    /// How many of the messages, from the first on, fit into one frame; at least one.
    static func count(fitting frameMax: Int, of messages: ArraySlice<WorkerMessage>) -> Int {
        var size = 0
        let fitting = messages.prefix { message in
            size += message.size + 1
            return size <= frameMax
        }
        return max(fitting.count, 1)
    }

    static func write(_ messages: ArraySlice<WorkerMessage>, to buffer: inout ByteBuffer) {
        let start = buffer.writerIndex
        buffer.writeInteger(UInt32(0))
        if messages.count > 1 { buffer.writeStaticString("[") }
        for (position, message) in messages.enumerated() {
            if position > 0 { buffer.writeStaticString(",") }
            message.write(to: &buffer)
        }
        if messages.count > 1 { buffer.writeStaticString("]") }
        buffer.setInteger(UInt32(buffer.writerIndex - start - 4), at: start)
    }
}
