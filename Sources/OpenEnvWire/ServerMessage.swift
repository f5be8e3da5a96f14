package import JSONBytes
package import NIOCore

/// What an environment answers, told from one pass over the message.
package struct ServerMessage: Sendable {
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// The answer to a reset or a step; which of them, only the request tells.
        case observation
        case state, mcp, error
        /// Any other type, no object, or malformed.
        case other
    }

    package let kind: Kind
    /// The value of `data`, sharing storage with the message.
    package let data: RawJSON?

    /// - Parameter payload: of a text message.
    package static func scan(_ payload: ByteBuffer) -> ServerMessage {
        let found = payload.withUnsafeReadableBytes { text -> (kind: Kind, data: Range<Int>?)? in
            var cursor = JSONCursor(text)
            let envelope = Envelope.walk(&cursor) { _ = $0.value() }
            return envelope.map { ($0.kind(of: Kind.names, in: cursor) ?? .other, $0.data) }
        }
        guard let found else { return ServerMessage(kind: .other, data: nil) }
        return ServerMessage(kind: found.kind, data: found.data.flatMap(RawJSON(payload).slice))
    }
}

extension ServerMessage.Kind {
    /// The most frequent first.
    fileprivate static let names: [(name: StaticString, kind: Self)] = [
        ("observation", .observation), ("error", .error), ("state", .state), ("mcp", .mcp),
    ]

    /// Whether it may be the reply to such a request.
    package func answers(_ request: ClientMessage.Kind) -> Bool {
        switch request {
        case .reset, .step: self == .observation || self == .error
        case .state: self == .state || self == .error
        case .mcp: self == .mcp || self == .error
        case .validation, .other: true
        case .close: false
        }
    }
}
