package import NIOCore

/// Why a connection was closed (RFC 6455 section 7.4).
package struct CloseCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    package static let normal = CloseCode(rawValue: 1000)
    package static let goingAway = CloseCode(rawValue: 1001)
    package static let protocolError = CloseCode(rawValue: 1002)
    package static let unsupportedData = CloseCode(rawValue: 1003)
    /// Never sent: a close frame without a code came.
    package static let noStatus = CloseCode(rawValue: 1005)
    /// Never sent: the connection ended without a close frame.
    package static let abnormal = CloseCode(rawValue: 1006)
    package static let policyViolation = CloseCode(rawValue: 1008)
    package static let messageTooBig = CloseCode(rawValue: 1009)
    package static let internalError = CloseCode(rawValue: 1011)
    package static let serviceRestart = CloseCode(rawValue: 1012)
    package static let tryAgainLater = CloseCode(rawValue: 1013)

    /// Whether a close frame may carry it (RFC 6455 section 7.4.1).
    package var isSendable: Bool {
        (1000..<5000).contains(rawValue) && ![1004, 1005, 1006, 1015].contains(rawValue)
    }
}

/// The payload of a close frame, unmasked.
package struct CloseFrame: Sendable, Hashable {
    package var code: CloseCode
    package var reason: String

    package init(code: CloseCode, reason: String = "") {
        self.code = code
        self.reason = reason
    }

    /// - Returns: ``CloseCode/noStatus`` for an empty payload; nil for one byte, which is half a code.
    package static func parse(_ payload: ByteBuffer) -> CloseFrame? {
        guard payload.readableBytes > 0 else { return CloseFrame(code: .noStatus) }
        guard let code = payload.getInteger(at: payload.readerIndex, as: UInt16.self) else { return nil }
        return CloseFrame(code: CloseCode(rawValue: code), reason: String(buffer: payload.dropping(2)))
    }

    /// Empty unless the code may be sent; the reason is cut between characters to what a control frame holds.
    var payload: ByteBuffer {
        guard code.isSendable else { return ByteBuffer() }
        var payload = ByteBufferAllocator().buffer(capacity: 125)
        payload.writeInteger(code.rawValue)
        for scalar in reason.unicodeScalars {
            guard payload.readableBytes + UTF8.width(scalar) <= 125 else { break }
            payload.writeString(String(scalar))
        }
        return payload
    }
}
