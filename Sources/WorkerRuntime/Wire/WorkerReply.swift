import AdapterSeam
import JSONBytes
import NIOCore
import RewardModel

/// What a worker says (RFC 002).
enum WorkerReply {
    case hello(protocols: [Int])
    case loaded(ComponentDescription)
    case refused(Refusal)
    case outcome(id: UInt64, ComponentResult)
    case unreadable(frame: Int)

    struct Refusal {
        var kind: OutcomeKind
        var message: String
        var hint: String?
        var traceback: String?
    }

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
        guard let type = json.member("type")?.string() else { throw ProtocolBreach("a frame that holds no message") }
        switch type {
        case "hello":
            guard let protocols = json.member("protocols")?.elements()?.compactMap({ $0.int() }) else {
                throw ProtocolBreach("'hello' without 'protocols'")
            }
            self = .hello(protocols: protocols)
        case "loaded":
            guard let description = json.member("description") else {
                throw ProtocolBreach("'loaded' without 'description'")
            }
            self = .loaded(try ComponentDescription(reading: description))
        case "refused":
            self = .refused(Refusal(reading: json))
        case "outcome":
            guard let id = json.member("id")?.int(), id >= 0 else { throw ProtocolBreach("'outcome' without 'id'") }
            self = .outcome(id: UInt64(id), ComponentResult(reading: json))
        case "unreadable":
            guard let frame = json.member("frame")?.int() else { throw ProtocolBreach("'unreadable' without 'frame'") }
            self = .unreadable(frame: frame)
        default:
            throw ProtocolBreach("a message of unknown type")
        }
    }
}

extension WorkerReply.Refusal {
    fileprivate init(reading json: RawJSON) {
        self.init(
            kind: json.member("kind")?.string().flatMap(OutcomeKind.init) ?? .verifierError,
            message: json.member("message")?.string() ?? "the worker gave no reason",
            hint: json.member("hint")?.string(),
            traceback: json.member("traceback")?.string()
        )
    }
}
