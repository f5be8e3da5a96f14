package import RewardModel

/// A server that a WebSocket handshake may be redirected to: scheme, host and port.
package struct RedirectOrigin: Sendable, Hashable {
    /// Without a path.
    package let url: EnvironmentURL
}

extension RedirectOrigin: SettingValue {
    static let typeText = "`https://HOST:PORT`"

    init(_ node: ConfigNode) throws {
        url = try EnvironmentURL(node)
        guard url.path.isEmpty else {
            throw node.unfit("not a server alone: it has a path", hint: "write for example https://10.0.0.7:8000")
        }
    }

    var settingText: String { url.description }
}
