import RewardModel

/// Where a judge's endpoint is and what opens it, as the settings and the variables that they name say.
struct JudgePlace {
    /// Without a slash at its end.
    let url: String
    let key: JudgeKey?

    /// - Throws: ``BridgeError`` (`.configuration`), never with the value of a variable.
    init(_ options: JudgeOptions, variable: (String) -> String?) throws {
        let name = options.name
        guard Self.isName(name) else {
            throw Self.unfit(name, "a judge's name is 1 to 64 letters, digits, '-', '_' and '.'")
        }
        switch options.endpoint {
        case .url(let url): self.url = try Self.read(url, of: name)
        case .variable(let source):
            guard let url = variable(source) else { throw Self.unset(source, "url_from", name) }
            self.url = try Self.read(url, of: name)
        }
        key = try options.keyFrom.map { source in
            guard let text = variable(source) else { throw Self.unset(source, "key_from", name) }
            guard let key = JudgeKey(text) else {
                throw Self.unfit(name, "the key in the variable '\(source)' is empty or no text for a header")
            }
            return key
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name != "." && name != ".."
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_.".contains($0)) }
    }

    /// The text is not repeated in the error: it may come from a variable, or hold a password.
    private static func read(_ text: String, of name: String) throws -> String {
        let isHTTP = ["http://", "https://"].contains { text.lowercased().hasPrefix($0) }
        guard isHTTP, let url = try? EnvironmentURL(text) else {
            throw unfit(name, "its URL is not one of http or https without user, query and fragment")
        }
        return url.description
    }

    private static func unset(_ source: String, _ setting: String, _ name: String) -> BridgeError {
        BridgeError(
            .configuration,
            "could not start judge '\(name)': the variable '\(source)' is not set",
            hint: "set it in the bridge's environment, or name another with \(setting)"
        )
    }

    private static func unfit(_ name: String, _ reason: String) -> BridgeError {
        BridgeError(.configuration, "could not start judge '\(name)': \(reason)")
    }
}
