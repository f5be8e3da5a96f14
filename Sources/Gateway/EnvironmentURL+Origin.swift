import RewardModel

extension EnvironmentURL {
    /// `host:port` without the scheme's own port; an IPv6 host in brackets (RFC 3986 section 3.2.2).
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Whether an absolute URL leads to this server.
    func isOrigin(of url: String) -> Bool {
        guard let other = try? EnvironmentURL(String(url.prefix { $0 != "?" && $0 != "#" })) else { return false }
        return isOrigin(of: other)
    }

    /// Scheme, host and port are the same (RFC 6454 section 4).
    func isOrigin(of other: EnvironmentURL) -> Bool {
        other.host.lowercased() == host.lowercased() && other.port == port && other.isSecure == isSecure
    }
}
