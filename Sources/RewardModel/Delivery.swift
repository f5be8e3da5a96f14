/// When the client gets an outcome.
package enum Delivery: String, Sendable, CaseIterable {
    /// The step's reply waits for it.
    case inline
    /// The reply goes on at once; the outcome is fetched by id.
    case deferred
    /// Scored at the end of the episode.
    case terminal
}

/// What the client gets in place of a reward that did not come.
///
/// As text: `error`, `null`, `env` or `constant: -1`.
package enum FailureDelivery: Sendable, Hashable, CustomStringConvertible {
    /// An error frame with the code `REWARD_FAILED`.
    case error
    case null
    /// The environment's own reward.
    case env
    /// A finite number.
    case constant(Double)

    /// - Returns: nil unless the text is one of the four forms, with a finite number in the last.
    package init?(_ text: String) {
        switch text {
        case "error": self = .error
        case "null": self = .null
        case "env": self = .env
        default:
            guard text.hasPrefix("constant:") else { return nil }
            let number = text.dropFirst("constant:".count).drop(while: { $0 == " " })
            guard let value = Double(number), value.isFinite else { return nil }
            self = .constant(value)
        }
    }

    package var description: String {
        switch self {
        case .error: "error"
        case .null: "null"
        case .env: "env"
        case .constant(let value): "constant: \(value)"
        }
    }
}

/// What the client gets for a step that nobody scored: the same choices.
package typealias UnscoredDelivery = FailureDelivery

/// What a step's reply waits for before it goes out.
package enum Durability: String, Sendable, CaseIterable {
    /// Nothing: the row is committed within the ledger's window.
    case window
    /// The row is on disk.
    case reply
}
