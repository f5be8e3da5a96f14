/// What a peer did that ends its connection (RFC 6455 section 7.1.7).
package enum WireViolation: Error, Sendable, Hashable {
    /// A client's frame without a mask (section 5.1).
    case unmasked
    /// A server's frame with a mask (section 5.1).
    case masked
    /// A reserved bit, with no extension negotiated: for example a compressed frame.
    case reservedBits
    case reservedOpcode(UInt8)
    case fragmentedControl
    /// A control frame of more than 125 bytes.
    case longControl
    /// A length that is not in its shortest form, or has its highest bit set.
    case lengthEncoding
    /// A continuation with no message to continue.
    case loneContinuation
    /// A new message inside a fragmented one.
    case interruptedMessage
    /// A message of more bytes than the limit.
    case tooLarge(limit: Int)

    /// What to close the connection with.
    package var closeCode: CloseCode {
        if case .tooLarge = self { .messageTooBig } else { .protocolError }
    }

    /// For the close frame and the log.
    package var reason: String {
        switch self {
        case .unmasked: "client frame without mask"
        case .masked: "server frame with mask"
        case .reservedBits: "reserved bit set, no extension negotiated"
        case .reservedOpcode(let code): "reserved opcode \(code)"
        case .fragmentedControl: "fragmented control frame"
        case .longControl: "control frame longer than 125 bytes"
        case .lengthEncoding: "payload length not in its shortest form"
        case .loneContinuation: "continuation without a message"
        case .interruptedMessage: "new message inside a fragmented one"
        case .tooLarge(let limit): "message larger than \(limit) bytes"
        }
    }
}
