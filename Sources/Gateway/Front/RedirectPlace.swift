import RewardModel

/// Where a redirected handshake goes on. Pure.
struct RedirectPlace {
    let server: EnvironmentURL
    /// The request target there.
    let target: String

    /// - Parameter server: the one that redirects.
    /// - Returns: nil unless the place is on that server, on the environment's own, or on one that its redirects may
    ///   lead to.
    init?(_ location: String, from server: EnvironmentURL, of environment: FrontedEnvironment) {
        for server in [server, environment.endpoint] + environment.redirectOrigins {
            guard let path = HeaderRules.pathOnOrigin(location, server) else { continue }
            self.server = server
            // A fragment is the client's own business (RFC 9112 section 3.2.1).
            target = String(path.prefix { $0 != "#" })
            return
        }
        return nil
    }
}
