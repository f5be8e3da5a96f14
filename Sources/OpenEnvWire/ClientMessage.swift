package import JSONBytes
package import NIOCore

/// What a client asks of an environment, told from one pass over the message.
///
/// Anything that Python's `json.loads` takes is read as it is there; what Python refuses is mostly `other`.
package struct ClientMessage: Sendable {
    package enum Kind: Sendable, Hashable, CaseIterable {
        case reset, step, state, close, mcp
        /// `validation_open` and `validation_read`.
        case validation
        /// Any other type, no object, or malformed.
        case other
    }

    package let kind: Kind
    /// The value of `data`, sharing storage with the message.
    package let data: RawJSON?
    /// A step whose action lists an MCP server's tools.
    package let isToolListing: Bool
    /// Of a reset, when its `data` has the key.
    package let resetKey: ResetKey?

    /// Whether a message may be a `close` or hold the reset key. To a relay that scores nothing, all others are alike;
    /// finding that out takes two fifths of a scan.
    ///
    /// - Parameter payload: of a text message, unmasked.
    package static func mayNeedScan(_ payload: ByteBuffer) -> Bool {
        payload.mayHold(#""rewardbridge""#, or: #""close""#)
    }

    /// - Parameter payload: of a text message, unmasked.
    package static func scan(_ payload: ByteBuffer) -> ClientMessage {
        var inside: ResetKeyScan?
        let found = payload.withUnsafeReadableBytes { text -> (kind: Kind, data: Range<Int>?)? in
            var cursor = JSONCursor(text)
            let envelope = Envelope.walk(&cursor) { inside = ResetKeyScan(&$0) }
            return envelope.map { ($0.kind(of: Kind.names, in: cursor) ?? .other, $0.data) }
        }
        guard let found else { return ClientMessage(kind: .other, data: nil, isToolListing: false, resetKey: nil) }
        return ClientMessage(
            kind: found.kind,
            data: found.data.flatMap(RawJSON(payload).slice),
            isToolListing: found.kind == .step && inside?.isToolListing == true,
            resetKey: found.kind == .reset ? inside?.key(in: payload) : nil
        )
    }
}

extension ClientMessage.Kind {
    /// The most frequent first.
    fileprivate static let names: [(name: StaticString, kind: Self)] = [
        ("step", .step), ("reset", .reset), ("state", .state), ("mcp", .mcp), ("close", .close),
        ("validation_open", .validation), ("validation_read", .validation),
    ]
}
