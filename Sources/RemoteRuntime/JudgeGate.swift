import AsyncHTTPClient
package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
import RewardModel
import Synchronization

/// Stands between rubrics and the models that judge: rubrics call it on loopback as if it were the endpoint, and it
/// passes their calls on within each judge's limits, with its key, again when they fail, and not at all when it knows
/// the answer.
///
/// ``start()`` once, ``stop()`` once; the event loops belong to the caller and must outlive it. A gate that was
/// started must be stopped.
package final class JudgeGate: Sendable {
    package typealias Address = GateAddress

    private struct Running {
        let address: Address
        let listener: any Channel
        let client: HTTPClient
        let judges: [Judge]
    }

    private let options: [JudgeOptions]
    private let limits: JudgeGateLimits
    private let journal: any JudgeJournal
    private let loops: any EventLoopGroup
    private let logger: Logger
    private let variable: @Sendable (String) -> String?
    private let jitter: @Sendable () -> Double
    private let connections: GateConnections
    private let running = Mutex<Running?>(nil)

    /// - Parameters:
    ///   - variable: reads an environment variable, for the keys and URLs that the options name; asked by ``start()``
    ///     alone.
    ///   - jitter: at least 0 and below 1, asked for each pause between attempts, on any thread.
    package init(
        _ judges: [JudgeOptions],
        limits: JudgeGateLimits = JudgeGateLimits(),
        journal: any JudgeJournal,
        loops: any EventLoopGroup,
        logger: Logger,
        variable: @escaping @Sendable (String) -> String?,
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        options = judges
        self.limits = limits
        self.journal = journal
        self.loops = loops
        self.logger = logger
        self.variable = variable
        self.jitter = jitter
        connections = GateConnections(limit: limits.connectionsMax)
    }

    /// Reads the variables and listens on a free port of 127.0.0.1.
    /// - Throws: ``BridgeError`` (`.configuration`) when a judge's settings do not hold together, (`.system`) when
    ///   there is no port to be had.
    @discardableResult
    package func start() async throws -> Address {
        let places = try options.map { try JudgePlace($0, variable: variable) }
        try Self.refuseTwins(options)
        let client = HTTPClient(eventLoopGroupProvider: .shared(loops), configuration: configuration)
        let judges = zip(options, places).map { judge($0, $1, client) }
        let routes = GateRoutes(
            token: Address.mintToken(),
            judges: Dictionary(uniqueKeysWithValues: judges.map { ($0.options.name, $0) })
        )
        do {
            let listener = try await listen(routes)
            // A listener that is bound has an address, and one of IPv4 has a port.
            let address = Address(host: "127.0.0.1", port: listener.localAddress?.port ?? 0, token: routes.token)
            running.withLock { $0 = Running(address: address, listener: listener, client: client, judges: judges) }
            return address
        } catch {
            try? await client.shutdown()
            throw BridgeError(.system, "could not listen on '127.0.0.1' for calls to judges: \(error)", cause: error)
        }
    }

    /// What a rubric is given in place of the judge's own base URL. Only between ``start()`` and ``stop()``, for a
    /// judge of this gate.
    package func baseURL(of judge: String) -> String {
        guard let address = running.withLock({ $0?.address }), options.contains(where: { $0.name == judge }) else {
            preconditionFailure("the gate is not started or has no judge '\(judge)'")
        }
        return address.baseURL(of: judge)
    }

    /// Accepts nobody, answers open calls with 503, and returns when each call has ended and has been recorded.
    package func stop() async {
        let taken = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let taken else { return }
        try? await taken.listener.close().get()
        for judge in taken.judges { judge.stop() }
        await connections.stop(within: limits.closeTimeout, on: loops.next())
        try? await taken.client.shutdown()
    }

    private func judge(_ options: JudgeOptions, _ place: JudgePlace, _ client: HTTPClient) -> Judge {
        var logger = logger
        logger[metadataKey: "judge"] = "\(options.name)"
        let endpoint = JudgeEndpoint(
            client: client,
            url: place.url,
            key: place.key,
            bodyMax: options.bodyMax,
            logger: logger
        )
        return Judge(options, endpoint: endpoint, journal: journal, jitter: jitter, loop: loops.next())
    }

    /// What the client would do by itself is the gate's to do: limits, further attempts and redirects, which could
    /// carry prompts elsewhere.
    private var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(
            1,
            options.reduce(0) { $0 + $1.concurrency }
        )
        return configuration
    }

    private func listen(_ routes: GateRoutes) async throws -> any Channel {
        Self.prepareDecoders()
        let (limits, connections) = (limits, connections)
        return try await ServerBootstrap(group: loops)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    var heads = NIOHTTPDecoderLimitConfiguration()
                    heads.maxHeaderListSize = limits.headerMax
                    heads.maxHeaderFieldSize = limits.headerMax
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(
                        withEncoderConfiguration: .init(),
                        withDecoderLimitConfiguration: heads
                    )
                    try pipeline.addHandlers(
                        IdleStateHandler(allTimeout: TimeAmount(limits.keepAlive)),
                        GateHandler(routes, connections)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
    }

    /// Makes one of each, before event loops do so at the same time: the runtime of Swift 6.3.1 may crash in
    /// `swift_getTypeByMangledName` when two threads are the first to ask for such a type.
    private static func prepareDecoders() {
        _ = ByteToMessageHandler(HTTPRequestDecoder())
        _ = ByteToMessageHandler(HTTPResponseDecoder())
    }

    private static func refuseTwins(_ options: [JudgeOptions]) throws {
        var names: Set<String> = []
        for name in options.map(\.name) where !names.insert(name).inserted {
            throw BridgeError(.configuration, "could not start judge '\(name)': another judge has the same name")
        }
    }
}
