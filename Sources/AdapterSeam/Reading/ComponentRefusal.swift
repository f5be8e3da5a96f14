package import JSONBytes
package import RewardModel

/// Why a component was not loaded: a `refused` message (RFC 002).
package struct ComponentRefusal: Sendable {
    package let kind: OutcomeKind
    /// Without the component's name.
    package let message: String
    package let hint: String?
    package let traceback: String?

    package init(reading json: RawJSON) {
        kind = json.member("kind")?.string().flatMap(OutcomeKind.init) ?? .verifierError
        message = json.member("message")?.string() ?? "no reason was given"
        hint = json.member("hint")?.string()
        traceback = json.member("traceback")?.string()
    }

    package func error(_ source: ComponentSource) -> BridgeError {
        BridgeError(.rubric, "could not load '\(source.reference)': \(message)", hint: hint)
    }
}
