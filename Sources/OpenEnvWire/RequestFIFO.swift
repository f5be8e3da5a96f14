import NIOCore

/// Pairs the replies of one connection with its requests. Nothing on the wire does: `/ws` has no correlation id, and
/// each request but `close` has exactly one reply, in order.
///
/// Once a reply does not fit, nothing can be paired any more, and nothing is. The number of entries is the caller's to
/// bound, by not sending more.
package struct RequestFIFO<Context> {
    package struct Entry {
        package let kind: ClientMessage.Kind
        package let context: Context
    }

    package enum Match {
        /// The reply to this request.
        case matched(Entry)
        /// An error that nobody asked for, such as a refused session; to be relayed.
        case unasked
        /// Not the reply to what was asked first, or the connection was lost track of before.
        case desynchronised
    }

    private var entries = CircularBuffer<Entry>()
    package private(set) var isDesynchronised = false

    package init() {}

    /// Requests without a reply so far.
    package var count: Int { entries.count }
    package var isEmpty: Bool { entries.isEmpty }
    /// The request whose reply comes next.
    package var first: Entry? { entries.first }

    /// Notes a request that goes to the environment. A `close` has no reply and is not kept.
    package mutating func requestSent(_ kind: ClientMessage.Kind, context: Context) {
        guard kind != .close, !isDesynchronised else { return }
        entries.append(Entry(kind: kind, context: context))
    }

    /// Finds out what a reply from the environment belongs to.
    package mutating func replyArrived(_ kind: ServerMessage.Kind) -> Match {
        guard !isDesynchronised else { return .desynchronised }
        guard let first = entries.first else {
            guard kind != .error else { return .unasked }
            isDesynchronised = true
            return .desynchronised
        }
        guard kind.answers(first.kind) else {
            isDesynchronised = true
            return .desynchronised
        }
        entries.removeFirst()
        return .matched(first)
    }

    /// Takes out the requests that will have no reply: after a reply that did not fit, or at the connection's end.
    package mutating func drain() -> [Entry] {
        defer { entries.removeAll() }
        return Array(entries)
    }
}

extension RequestFIFO: Sendable where Context: Sendable {}
extension RequestFIFO.Entry: Sendable where Context: Sendable {}
extension RequestFIFO.Match: Sendable where Context: Sendable {}

extension ServerMessage.Kind {
    fileprivate func answers(_ request: ClientMessage.Kind) -> Bool {
        switch request {
        case .reset, .step: self == .observation || self == .error
        case .state: self == .state || self == .error
        case .mcp: self == .mcp || self == .error
        case .validation, .other: true
        case .close: false
        }
    }
}
