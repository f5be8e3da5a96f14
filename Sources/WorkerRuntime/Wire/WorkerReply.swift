import AdapterSeam
import JSONBytes
import RewardModel
import NIOCore

/// What a worker says (RFC 002).
enum WorkerReply {
    case hello(protocols: [Int])
    case loaded(ComponentDescription)
    case refused(ComponentRefusal)
    case outcome(id: UInt64, ComponentResult)
    case unreadable(frame: Int)

    /// The messages of a frame, in order.
    static func read(_ frame: ByteBuffer) throws(ProtocolBreach) -> [WorkerReply] {
        let json = RawJSON(frame)
        guard json.kind == .array else { return [try WorkerReply(json)] }
        guard let elements = json.elements() else { throw ProtocolBreach("a frame that is not JSON") }
        var replies: [WorkerReply] = []
        replies.reserveCapacity(elements.count)
        for element in elements { replies.append(try WorkerReply(element)) }
        return replies
    }

    private init(_ json: RawJSON) throws(ProtocolBreach) {
        guard let members = json.memberTable(), let type = members["type"]?.string() else {
            throw ProtocolBreach("a frame that holds no message")
        }
        switch type {
        case "hello":
            guard let protocols = members["protocols"]?.elements()?.compactMap({ $0.int() }) else {
                throw ProtocolBreach("'hello' without 'protocols'")
            }
            self = .hello(protocols: protocols)
        case "loaded":
            self = .loaded(try ComponentDescription(loaded: members))
        case "refused":
            self = .refused(ComponentRefusal(reading: json))
        case "outcome":
            guard let id = members["id"]?.int(), id >= 0 else { throw ProtocolBreach("'outcome' without 'id'") }
            self = .outcome(id: UInt64(id), ComponentResult(reading: members))
        case "unreadable":
            guard let frame = members["frame"]?.int() else { throw ProtocolBreach("'unreadable' without 'frame'") }
            self = .unreadable(frame: frame)
        default:
            throw ProtocolBreach("a message of unknown type")
        }
    }
}
