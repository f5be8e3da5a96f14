import NIOCore
import OpenEnvWire

/// Pairs the replies of one connection with its requests. Nothing on the wire does: `/ws` has no correlation id, and
/// each request but `close` has exactly one reply, in order.
///
/// Once a reply does not fit, nothing can be paired any more, and nothing is. The number of entries is the caller's to
/// bound, by not sending more.
///
/// Beside its user and not in OpenEnvWire: generics of access `package` are not specialised across modules (Swift 6.3),
/// and looking their types up at run time took 11,000 of 57,000 instructions a step.
struct RequestFIFO<Context> {
    struct Entry {
        let kind: ClientMessage.Kind
        let context: Context
    }

    enum Match {
        /// The reply to this request.
        case matched(Entry)
        /// An error that nobody asked for, such as a refused session; to be relayed.
        case unasked
        /// Not the reply to what was asked first, or the connection was lost track of before.
        case desynchronised
    }

    private var entries = CircularBuffer<Entry>()
    private(set) var isDesynchronised = false

    /// Requests without a reply so far.
    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }
    /// The request whose reply comes next.
    var first: Entry? { entries.first }

    /// Notes a request that goes to the environment. A `close` has no reply and is not kept.
    mutating func requestSent(_ kind: ClientMessage.Kind, context: Context) {
        guard kind != .close, !isDesynchronised else { return }
        entries.append(Entry(kind: kind, context: context))
    }

    /// Finds out what a reply from the environment belongs to.
    mutating func replyArrived(_ kind: ServerMessage.Kind) -> Match {
        guard !isDesynchronised else { return .desynchronised }
        guard let request = entries.first?.kind else {
            guard kind != .error else { return .unasked }
            isDesynchronised = true
            return .desynchronised
        }
        guard kind.answers(request) else {
            isDesynchronised = true
            return .desynchronised
        }
        return .matched(entries.removeFirst())
    }

    /// Takes out the requests that will have no reply: after a reply that did not fit, or at the connection's end.
    mutating func drain() -> [Entry] {
        defer { entries.removeAll() }
        return Array(entries)
    }
}
