package import RewardModel
package import Scoring

/// An environment that the gateway stands in front of.
package struct FrontedEnvironment: Sendable {
    /// The name in the configuration; empty for the only environment, which is served at `/`.
    package let name: String
    package let endpoint: EnvironmentURL
    /// nil: everything passes unchanged.
    package let attachment: Attachment?
    /// Servers besides its own that a WebSocket handshake may be redirected to; of each, the path is of no account.
    package let redirectOrigins: [EnvironmentURL]

    package init(
        name: String,
        endpoint: EnvironmentURL,
        attachment: Attachment?,
        redirectOrigins: [EnvironmentURL] = []
    ) {
        self.name = name
        self.endpoint = endpoint
        self.attachment = attachment
        self.redirectOrigins = redirectOrigins
    }

    /// What the bridge's own paths of this environment begin with.
    var prefix: String { name.isEmpty ? "" : "/\(name)" }
}
