import Crypto
import JSONBytes

/// What a request's body says about the call. Pure.
struct RequestFacts {
    let route: JudgeRoute
    /// nil when the body is no JSON object.
    let members: [JSONMember]?
    private(set) var model: String?
    private(set) var seed: Int?
    private(set) var temperature: Double?
    private(set) var isStream = false
    private(set) var promptHash: String?

    init(_ request: JudgeRequest) {
        route = request.route
        members = RawJSON(request.body).members()
        for member in members ?? [] {
            switch member.name {
            case "model": model = member.value.string().map { String($0.prefix(256)) }
            case "seed": seed = member.value.int()
            case "temperature": temperature = member.value.double()
            case "stream": isStream = member.value.bool() ?? true
            case route.prompt: promptHash = Self.hash(member.value)
            default: break
            }
        }
    }

    /// Whether the answer may be given again.
    func isCacheable(_ policy: JudgeOptions.CachePolicy) -> Bool {
        guard members != nil, !isStream, route != .models else { return false }
        return switch policy {
        case .always: true
        case .deterministic: route == .embeddings || temperature == 0 || seed != nil
        case .off: false
        }
    }

    private static func hash(_ prompt: RawJSON) -> String {
        SHA256.hash(data: prompt.compacted).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 0x10 ? "0" + digits : digits
        }.joined()
    }
}
