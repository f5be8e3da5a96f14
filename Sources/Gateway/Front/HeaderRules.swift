import NIOHTTP1
import OpenEnvWire
import RewardModel

/// Which headers pass and how (RFC 9110 section 7.6.1). Pure.
enum HeaderRules {
    /// The request for the environment: the bridge's own headers and those of the hop are left out.
    static func request(_ head: HTTPRequestHead, to match: RouteTable.Match) -> HTTPRequestHead {
        var headers = head.headers
        let isUpgrade = Self.isWebSocket(head)
        dropHopHeaders(&headers)
        headers.replaceOrAdd(name: "host", value: match.environment.endpoint.authority)
        headers.remove(name: "rewardbridge-name")
        // Compressed frames could not be scored; both ends work without (openenv-wire: handshake, compression).
        headers.remove(name: "sec-websocket-extensions")
        if isUpgrade {
            headers.add(name: "upgrade", value: "websocket")
            headers.add(name: "connection", value: "Upgrade")
        } else {
            headers.add(name: "connection", value: "close")
        }
        return HTTPRequestHead(version: .http1_1, method: head.method, uri: match.upstreamTarget, headers: headers)
    }

    /// The handshake's request at the place that a redirect names. On another server than the environment's own it has
    /// none of the client's credentials, which are meant for that one; curl does the same.
    static func request(
        _ request: HTTPRequestHead,
        redirectedTo place: RedirectPlace,
        of environment: FrontedEnvironment
    ) -> HTTPRequestHead {
        var request = request
        request.uri = place.target
        request.headers.replaceOrAdd(name: "host", value: place.server.authority)
        guard !place.server.isOrigin(of: environment.endpoint) else { return request }
        for name in ["authorization", "cookie", "proxy-authorization"] { request.headers.remove(name: name) }
        return request
    }

    /// The environment's answer for the client.
    static func response(_ head: HTTPResponseHead, of match: RouteTable.Match) -> HTTPResponseHead {
        var headers = head.headers
        if head.status != .switchingProtocols { dropHopHeaders(&headers) }
        if let location = headers.first(name: "location") {
            let place = mapped(location, match)
            if place != location { headers.replaceOrAdd(name: "location", value: place) }
        }
        return HTTPResponseHead(version: .http1_1, status: head.status, headers: headers)
    }

    /// A place on the environment's server becomes the same place behind the bridge; any other stays.
    static func mapped(_ location: String, _ match: RouteTable.Match) -> String {
        let endpoint = match.environment.endpoint
        guard let path = pathOnOrigin(location, endpoint) else { return location }
        let rest = path.dropFirst(endpoint.path.count)
        guard path.hasPrefix(endpoint.path), rest.first.map("/?#".contains) ?? true else { return location }
        return match.prefix + (rest.hasPrefix("/") ? "" : "/") + rest
    }

    /// The path of an absolute path or of a URL on the environment's own origin.
    static func pathOnOrigin(_ location: String, _ endpoint: EnvironmentURL) -> Substring? {
        if location.hasPrefix("/"), !location.hasPrefix("//") { return Substring(location) }
        guard let scheme = location.firstRange(of: "://"), endpoint.isOrigin(of: location) else { return nil }
        let authority = location[scheme.upperBound...]
        guard let end = authority.firstIndex(where: "/?#".contains) else { return "/" }
        return authority[end] == "/" ? authority[end...] : "/" + authority[end...]
    }

    /// RFC 6455 section 4.2.1: a GET of HTTP/1.1, with the two headers, as lists, in any letter case.
    static func isWebSocket(_ head: HTTPRequestHead) -> Bool {
        head.method == .GET && head.version == .http1_1
            && head.headers[canonicalForm: "upgrade"].contains { $0.lowercased() == "websocket" }
            && head.headers[canonicalForm: "connection"].contains { $0.lowercased() == "upgrade" }
    }

    /// RFC 9110 section 10.1.1.
    static func expectsContinue(_ head: HTTPRequestHead) -> Bool {
        head.version == .http1_1 && head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
    }

    /// RFC 9112 section 6.
    static func hasBody(_ head: HTTPRequestHead) -> Bool {
        let length = head.headers.first(name: "content-length") ?? "0"
        return head.headers.contains(name: "transfer-encoding") || length.contains { $0 != "0" }
    }

    private static func dropHopHeaders(_ headers: inout HTTPHeaders) {
        for name in headers[canonicalForm: "connection"] where name.lowercased() != "transfer-encoding" {
            headers.remove(name: String(name))
        }
        for name in ["connection", "keep-alive", "proxy-connection", "upgrade", "te", "trailer"] {
            headers.remove(name: name)
        }
    }
}
