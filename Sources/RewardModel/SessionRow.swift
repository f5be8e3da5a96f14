/// A session, as the ledger keeps it. Recorded again, it fills in what was nil and changes nothing else.
package struct SessionRow: Sendable, Hashable {
    package var session: SessionID
    /// The environment's name in the configuration.
    package var environment: String
    /// The name that the client gave; need not be unique.
    package var name: String?
    /// The environment's own id of the session, once it passed by.
    package var upstreamSession: String?
    /// Milliseconds since 1970-01-01T00:00Z, as is `endedAt`.
    package var startedAt: Int64
    package var endedAt: Int64?

    package init(
        session: SessionID,
        environment: String,
        name: String? = nil,
        upstreamSession: String? = nil,
        startedAt: Int64,
        endedAt: Int64? = nil
    ) {
        self.session = session
        self.environment = environment
        self.name = name
        self.upstreamSession = upstreamSession
        self.startedAt = startedAt
        self.endedAt = endedAt
    }
}
