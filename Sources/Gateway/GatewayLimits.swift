import NIOHTTP1

/// Bounds of the gateway; each is a setting, and none has a default here.
package struct GatewayLimits: Sendable {
    /// Bytes of one message from a client, over all its frames; a longer one is closed with 1009. As many are read ahead of
    /// the requests that may be in flight.
    package var requestMax: Int
    /// Bytes of one message from an environment; a longer one is closed with 1009.
    package var replyMax: Int
    /// Bytes of a reply that is scored; a longer one is relayed as a step that is `failed(too_large)`.
    package var scoreMax: Int
    /// Requests of one session that have no reply yet; more are not forwarded.
    package var inFlight: Int
    /// WebSocket sessions at a time; more are refused with 503.
    package var sessionsMax: Int
    /// Bytes held for all connections: messages being collected, requests without a reply, replies waiting for a score,
    /// and the bodies of resets over HTTP.
    package var memoryMax: Int
    /// Bytes of an HTTP reset's body, which is held to cut out the bridge's key.
    package var resetBodyMax: Int
    /// Bytes of the head of an HTTP request or response.
    package var headerMax: Int
    /// For the TCP connection to the environment.
    package var connectTimeout: Duration
    /// For a request's head to arrive, and for the environment to answer a handshake.
    package var handshakeTimeout: Duration
    /// For the next request on a connection that is kept alive.
    package var keepAlive: Duration
    /// For steps in flight when the bridge stops.
    package var drain: Duration
    /// From the first close frame to the end of both connections.
    package var closeTimeout: Duration
    /// Redirects of a handshake that are followed.
    package var redirectsMax: Int

    package init(
        requestMax: Int,
        replyMax: Int,
        scoreMax: Int,
        inFlight: Int,
        sessionsMax: Int,
        memoryMax: Int,
        resetBodyMax: Int,
        headerMax: Int,
        connectTimeout: Duration,
        handshakeTimeout: Duration,
        keepAlive: Duration,
        drain: Duration,
        closeTimeout: Duration,
        redirectsMax: Int
    ) {
        self.requestMax = requestMax
        self.replyMax = replyMax
        self.scoreMax = scoreMax
        self.inFlight = inFlight
        self.sessionsMax = sessionsMax
        self.memoryMax = memoryMax
        self.resetBodyMax = resetBodyMax
        self.headerMax = headerMax
        self.connectTimeout = connectTimeout
        self.handshakeTimeout = handshakeTimeout
        self.keepAlive = keepAlive
        self.drain = drain
        self.closeTimeout = closeTimeout
        self.redirectsMax = redirectsMax
    }
}

extension GatewayLimits {
    /// For both HTTP decoders.
    var heads: NIOHTTPDecoderLimitConfiguration {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderListSize = headerMax
        configuration.maxHeaderFieldSize = headerMax
        return configuration
    }
}
