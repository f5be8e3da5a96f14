import RewardModel

/// Finds the environment that a request is for. Pure.
///
/// One environment is served at `/`; several at `/<name>/`. Below either, `/as/<session name>/` names the session, with
/// every route of the protocol under it.
package struct RouteTable: Sendable {
    private let only: FrontedEnvironment?
    private let byName: [String: FrontedEnvironment]

    package init(_ environments: [FrontedEnvironment]) {
        only = environments.first { $0.name.isEmpty }
        byName = Dictionary(uniqueKeysWithValues: environments.filter { !$0.name.isEmpty }.map { ($0.name, $0) })
    }

    struct Match {
        let environment: FrontedEnvironment
        /// The name in the path, percent-decoded.
        let sessionName: String?
        /// What the bridge's URL has before the environment's own path: `/echo/as/run-7`, or nothing.
        let prefix: String
        /// The environment's own path: starts with a slash.
        let path: String
        /// The query with its question mark, or nothing.
        let query: String

        /// The request target for the environment.
        var upstreamTarget: String { environment.endpoint.path + path + query }

        /// The last value of a query parameter, percent-decoded; nil when it is absent or empty.
        func value(of parameter: String) -> String? {
            let pairs = query.dropFirst().split(separator: "&")
            let value = pairs.last { $0.hasPrefix("\(parameter)=") }?.dropFirst(parameter.count + 1)
            return value.flatMap { $0.isEmpty ? nil : RouteTable.percentDecoded(String($0)) }
        }

        /// The environment's path as a server reads it: percent-decoded (RFC 3986 section 6.2.2.2).
        var route: String { RouteTable.percentDecoded(path) }

        /// Whether the route carries steps that can be scored.
        var isEnvironmentSocket: Bool { route == "/ws" }
    }

    /// - Parameter target: the request target in origin form (RFC 9112 section 3.2.1).
    func match(_ target: String) -> Match? {
        let mark = target.firstIndex(of: "?") ?? target.endIndex
        var path = target[..<mark]
        guard path.hasPrefix("/") else { return nil }
        guard let environment = only ?? Self.takeSegment(&path).flatMap({ byName[$0] }) else { return nil }
        var prefix = environment.prefix
        var sessionName: String?
        if path.hasPrefix("/as/") {
            path = path.dropFirst("/as".count)
            guard let name = Self.takeSegment(&path), !name.isEmpty else { return nil }
            sessionName = Self.percentDecoded(name)
            prefix += "/as/\(name)"
        }
        return Match(
            environment: environment,
            sessionName: sessionName,
            prefix: prefix,
            path: path.isEmpty ? "/" : String(path),
            query: String(target[mark...])
        )
    }

    /// RFC 3986 section 2.1; what is no escape stays as it is.
    fileprivate static func percentDecoded(_ text: String) -> String {
        guard text.contains("%") else { return text }
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            let digits = Substring(rest.prefix(2))
            // Two digits, and no sign, which the number's own parser would take.
            let isEscape = byte == UInt8(ascii: "%") && digits.utf8.count == 2 && digits.allSatisfy(\.isHexDigit)
            if isEscape, let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest.removeFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Takes `/segment` off the front of a path.
    private static func takeSegment(_ path: inout Substring) -> String? {
        let rest = path.dropFirst()
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        path = rest[end...]
        return String(rest[..<end])
    }
}
