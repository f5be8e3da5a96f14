/// Where an environment is. `ws` and `http` name the same server, as do `wss` and `https`.
package struct EnvironmentURL: Sendable, Hashable, CustomStringConvertible {
    package let isSecure: Bool
    /// A name or an address, without the brackets of an IPv6 address.
    package let host: String
    package let port: Int
    /// What goes before the protocol's routes: empty, or a path with a leading and without a trailing slash.
    package let path: String

    /// - Throws: ``BridgeError`` (`.configuration`) unless the text is such a URL without user, query or fragment.
    package init(_ text: String) throws {
        let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Self.unreadable(text, "it has no scheme") }
        switch parts[0].lowercased() {
        case "http", "ws": isSecure = false
        case "https", "wss": isSecure = true
        default: throw Self.unreadable(text, "its scheme is not http, https, ws or wss")
        }
        let rest = parts[1]
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw Self.unreadable(text, "it holds white space or characters that are not ASCII")
        }
        guard !rest.contains(where: { $0 == "?" || $0 == "#" }) else {
            throw Self.unreadable(text, "it has a query or a fragment")
        }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw Self.unreadable(String(parts[0]) + "://...", "it has a user or a password")
        }
        (host, port) = try Self.split(authority, of: text, defaultPort: isSecure ? 443 : 80)
        let path = rest.dropFirst(authority.count)
        self.path = String(path.reversed().drop { $0 == "/" }.reversed())
    }

    package var description: String {
        let scheme = isSecure ? "https" : "http"
        let authority = host.contains(":") ? "[\(host)]" : host
        return "\(scheme)://\(authority):\(port)\(path)"
    }

    private static func split(
        _ authority: Substring,
        of text: String,
        defaultPort: Int
    ) throws -> (host: String, port: Int) {
        var host = authority
        var rest = Substring()
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { throw unreadable(text, "its bracket is not closed") }
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            rest = authority[colon...]
        }
        guard !host.isEmpty else { throw unreadable(text, "it has no host") }
        guard !rest.isEmpty else { return (String(host), defaultPort) }
        guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()), port > 0 else {
            throw unreadable(text, "its port is not a number from 1 to 65535")
        }
        return (String(host), Int(port))
    }

    private static func unreadable(_ text: String, _ reason: String) -> BridgeError {
        BridgeError(
            .configuration,
            "could not read environment URL '\(text)': \(reason)",
            hint: "write for example http://127.0.0.1:8000"
        )
    }
}
