package import JSONBytes
package import RewardModel

extension ComponentResult {
    /// Reads an `outcome` message (RFC 002). What does not make sense becomes a failure: nothing becomes a number by
    /// mistake.
    ///
    /// - Parameter members: of the message, found in one pass, because it is read for every call.
    package init(reading members: [String: RawJSON]) {
        self.init(reading: members, of: members["members"].flatMap { $0.kind == .array ? $0.elements() : nil })
    }

    /// - Parameter group: the results of a group's members; nil for anything else.
    private init(reading members: [String: RawJSON], of group: [RawJSON]?) {
        self.init(
            group == nil ? Outcome(reading: members) : .unscored(.abstained, detail: "its members have the scores"),
            components: members["components"].flatMap { $0.kind == .array ? $0 : nil },
            metrics: members["metrics"].flatMap { $0.kind == .object ? $0 : nil },
            labels: members["labels"].flatMap { $0.kind == .object ? $0 : nil },
            stepScores: members["step_scores"].flatMap { $0.kind == .array ? $0 : nil },
            credit: members["credit"].flatMap { $0.kind == .object ? $0 : nil },
            tree: members["tree"].flatMap { $0.kind == .array ? $0 : nil },
            members: group?.map { ComponentResult(reading: $0.memberTable() ?? [:], of: nil) },
            runTime: members["run_us"]?.int().map { .microseconds($0) }
        )
    }
}

extension Outcome {
    /// Characters of a message and its traceback that are kept; what a traceback says last, it says best.
    private static let textMax = 4096

    fileprivate init(reading members: [String: RawJSON]) {
        switch members["status"]?.string().flatMap(OutcomeStatus.init) {
        case .scored: self = Self.scored(members["reward"])
        case .unscored: self = Self.absent(.unscored, members)
        case .failed: self = Self.absent(.failed, members)
        case .pending, nil: self = .failed(.protocolError, message: "an outcome without a known 'status'")
        }
    }

    private static func scored(_ reward: RawJSON?) -> Outcome {
        guard let value = reward?.double() else {
            return .failed(.protocolError, message: "status 'scored' with a 'reward' that is no number")
        }
        return value.isFinite ? .scored(value) : .failed(.notFinite, message: "an outcome of \(value)")
    }

    private static func absent(_ status: OutcomeStatus, _ members: [String: RawJSON]) -> Outcome {
        let name = members["kind"]?.string() ?? ""
        let text = text(members)
        guard let kind = OutcomeKind(rawValue: name), kind.status == status else {
            return .failed(.verifierError, message: "unknown kind '\(name.prefix(64))': \(text)")
        }
        return status == .unscored ? .unscored(kind, detail: text) : .failed(kind, message: text)
    }

    private static func text(_ members: [String: RawJSON]) -> String {
        let message = String((members["message"]?.string() ?? "").prefix(textMax / 2))
        guard let traceback = members["traceback"]?.string(), !traceback.isEmpty else { return message }
        return message + "\n" + traceback.suffix(textMax / 2)
    }
}
