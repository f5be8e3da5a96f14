import NIOCore
import NIOHTTP1
import NIOPosix
import RewardModel

#if TLS
import Glibc
import NIOSSL
#endif

/// Opens HTTP/1.1 connections to environments, each on the event loop of the client's connection.
struct UpstreamConnector: Sendable {
    let loop: any EventLoop
    let limits: GatewayLimits

    /// - Parameter handler: the last handler of the new pipeline; it sees `HTTPClientResponsePart`s.
    func connect(
        to endpoint: EnvironmentURL,
        handler: @escaping @Sendable () -> any ChannelHandler
    ) -> EventLoopFuture<any Channel> {
        ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(limits.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.addTLS(for: endpoint, to: channel)
                    try addHTTP(to: channel, handler())
                }
            }
            .connect(host: endpoint.host, port: endpoint.port)
    }

    private func addHTTP(to channel: any Channel, _ handler: any ChannelHandler) throws {
        try channel.pipeline.syncOperations.addHandlers(
            SwitchGate(limit: limits.headerMax),
            HTTPRequestEncoder(),
            HTTPDecoders.responses(limits),
            handler
        )
    }

    private static func addTLS(for endpoint: EnvironmentURL, to channel: any Channel) throws {
        guard endpoint.isSecure else { return }
        #if TLS
        // Server names are for names only (RFC 6066 section 3).
        let isAddress = (try? SocketAddress(ipAddress: endpoint.host, port: endpoint.port)) != nil
        let serverName = isAddress ? nil : endpoint.host
        let handler = try NIOSSLClientHandler(context: tls.get(), serverHostname: serverName)
        try channel.pipeline.syncOperations.addHandler(handler)
        #else
        throw BridgeError(
            .configuration,
            "could not connect to '\(endpoint.authority)': this build has no TLS",
            hint: "build with the package trait TLS, which is on by default"
        )
        #endif
    }

    #if TLS
    /// Made once, with the first connection that needs it: to read the authorities takes an event loop milliseconds.
    private static let tls = Result {
        var configuration = TLSConfiguration.makeClientConfiguration()
        // The variable that OpenSSL, Python and curl heed too, for servers whose authority is one's own.
        if let roots = getenv("SSL_CERT_FILE"), roots.pointee != 0 {
            configuration.trustRoots = .file(String(cString: roots))
        }
        return try NIOSSLContext(configuration: configuration)
    }
    #endif
}
