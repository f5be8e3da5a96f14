import JSONBytes
import RewardModel

extension ComponentResult {
    /// Characters of a message and its traceback that are kept; what a traceback says last, it says best.
    private static let textMax = 4096

    /// Reads an `outcome` message. What does not make sense becomes a failure: nothing becomes a number by mistake.
    init(reading json: RawJSON) {
        self.init(
            Self.outcome(json),
            components: json.member("components").flatMap { $0.kind == .array ? $0 : nil },
            metrics: json.member("metrics").flatMap { $0.kind == .object ? $0 : nil },
            labels: json.member("labels").flatMap { $0.kind == .object ? $0 : nil },
            runTime: json.member("run_us")?.int().map { .microseconds($0) }
        )
    }

    private static func outcome(_ json: RawJSON) -> Outcome {
        switch json.member("status")?.string().flatMap(OutcomeStatus.init) {
        case .scored: scored(json.member("reward"))
        case .unscored: unscored(json)
        case .failed: failed(json)
        case .pending, nil: .failed(.protocolError, message: "an outcome without a known 'status'")
        }
    }

    private static func scored(_ reward: RawJSON?) -> Outcome {
        guard let value = reward?.double() else {
            return .failed(.protocolError, message: "status 'scored' with a 'reward' that is no number")
        }
        return value.isFinite ? .scored(value) : .failed(.notFinite, message: "the worker sent \(value)")
    }

    private static func unscored(_ json: RawJSON) -> Outcome {
        let name = json.member("kind")?.string() ?? ""
        guard let kind = OutcomeKind(rawValue: name), kind.status == .unscored else {
            return .failed(.verifierError, message: "unknown kind '\(name.prefix(64))': \(text(json))")
        }
        return .unscored(kind, detail: text(json))
    }

    private static func failed(_ json: RawJSON) -> Outcome {
        let name = json.member("kind")?.string() ?? ""
        guard let kind = OutcomeKind(rawValue: name), kind.status == .failed else {
            return .failed(.verifierError, message: "unknown kind '\(name.prefix(64))': \(text(json))")
        }
        return .failed(kind, message: text(json))
    }

    private static func text(_ json: RawJSON) -> String {
        let message = String((json.member("message")?.string() ?? "").prefix(textMax / 2))
        guard let traceback = json.member("traceback")?.string(), !traceback.isEmpty else { return message }
        return message + "\n" + traceback.suffix(textMax / 2)
    }
}
