/// Where a listener binds. As text: `127.0.0.1:8900`, `[::1]:8900`, `localhost:0`.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or an address, without the brackets of an IPv6 address.
    package var host: String
    /// 0: any free port.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// - Returns: nil unless the text is a host, a colon and a port.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, host.allSatisfy({ !$0.isWhitespace && $0 != "/" }) else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

extension ListenAddress: SettingValue {
    static let typeText = "`HOST:PORT`"

    init(_ node: ConfigNode) throws {
        guard let text = node.scalar, let value = ListenAddress(text) else {
            throw node.unfit("not a host and a port", hint: "write for example 127.0.0.1:8900 or [::1]:8900")
        }
        self = value
    }

    var settingText: String { description }
}
