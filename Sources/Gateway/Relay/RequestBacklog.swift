import DequeModule
import NIOCore
import OpenEnvWire

/// What a client sent beyond the requests that may be in flight. It waits here, so that the pings and pongs behind it need
/// not. Pure.
struct RequestBacklog {
    private var events = Deque<WalkEvent>()
    /// Bytes held.
    private(set) var byteCount = 0
    var isEmpty: Bool { events.isEmpty }

    mutating func append(_ event: WalkEvent) {
        byteCount += event.cost
        events.append(event)
    }

    mutating func popFirst() -> WalkEvent? {
        guard let first = events.popFirst() else { return nil }
        byteCount -= first.cost
        return first
    }
}

extension WalkEvent {
    /// Its bytes and its place in the queue: a frame may be empty.
    fileprivate var cost: Int {
        let place = MemoryLayout<WalkEvent>.stride
        return switch self {
        case .frame(_, let bytes), .began(_, let bytes), .payload(let bytes): bytes.readableBytes + place
        case .ended: place
        }
    }

    /// It may overtake messages (RFC 6455 section 5.5), which a close frame must not.
    var isPingOrPong: Bool {
        guard case .frame(let header, _) = self else { return false }
        return header.opcode == .ping || header.opcode == .pong
    }
}
