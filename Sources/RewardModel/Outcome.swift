/// The result of scoring one step, episode or group. There is no fourth case, and nothing becomes a 0 on its own.
package enum Outcome: Sendable, Hashable {
    /// A finite number within the declared range.
    case scored(Double)
    /// Nobody gave a number, and nobody was at fault.
    case unscored(OutcomeKind, detail: String = "")
    /// A number was due and did not come. The message may hold text of the rubric: log and ledger only.
    case failed(OutcomeKind, message: String = "")

    package var value: Double? {
        if case .scored(let value) = self { value } else { nil }
    }

    package var kind: OutcomeKind? {
        switch self {
        case .scored: nil
        case .unscored(let kind, _), .failed(let kind, _): kind
        }
    }

    package var text: String? {
        switch self {
        case .scored: nil
        case .unscored(_, let text), .failed(_, let text): text.isEmpty ? nil : text
        }
    }

    package var status: OutcomeStatus {
        switch self {
        case .scored: .scored
        case .unscored: .unscored
        case .failed: .failed
        }
    }

    package var isFailed: Bool { status == .failed }

    /// `scored`, `failed(timeout)`
    package var label: String {
        kind.map { "\(status.rawValue)(\($0.rawValue))" } ?? status.rawValue
    }
}

/// `pending` is what an outcome that is not due yet looks like from outside; it is never stored as a result.
package enum OutcomeStatus: String, Sendable, CaseIterable {
    case scored
    case unscored
    case failed
    case pending
}
