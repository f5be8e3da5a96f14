package import Logging
package import NIOCore
import NIOHTTP1
import NIOPosix
package import RewardModel
package import Scoring

/// Listens for clients and stands in front of the environments.
///
/// ``start()`` once, ``stop()`` once; the event loops belong to the caller and must outlive it.
package final class Gateway: Sendable {
    let shared: GatewayShared
    private let loops: any EventLoopGroup

    /// - Parameters:
    ///   - environments: one without a name, or several with names.
    ///   - clock: read for every request and reply.
    package init(
        environments: [FrontedEnvironment],
        limits: GatewayLimits,
        journal: any OutcomeJournal,
        loops: any EventLoopGroup,
        logger: Logger,
        clock: @escaping @Sendable () -> Moment
    ) {
        self.loops = loops
        shared = GatewayShared(
            routes: RouteTable(environments),
            limits: limits,
            journal: journal,
            logger: logger,
            clock: clock
        )
    }

    package var counters: GatewayCounters.Snapshot { shared.counters.snapshot }

    /// Binds the listener.
    /// - Returns: the listener; its `localAddress` has the port that was given for port 0.
    /// - Throws: ``BridgeError`` (`.system`) when the address cannot be had.
    package func start(host: String, port: Int) async throws -> any Channel {
        let shared = shared
        HTTPDecoders.prepare(shared.limits)
        do {
            return try await ServerBootstrap(group: loops)
                .serverChannelOption(.backlog, value: 1024)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
                .childChannelOption(.socketOption(.so_keepalive), value: 1)
                .childChannelOption(.allowRemoteHalfClosure, value: true)
                .childChannelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandlers(
                            HTTPResponseEncoder(),
                            HTTPDecoders.requests(shared.limits),
                            FrontHandler(shared)
                        )
                    }
                }
                .bind(host: host, port: port)
                .get()
        } catch {
            throw BridgeError(
                .system,
                "could not listen on '\(host):\(port)': \(error)",
                hint: "choose another address with --listen, for example 127.0.0.1:0 for any free port",
                cause: error
            )
        }
    }

    /// Stops: accepts nobody, lets steps in flight finish, closes every session with 1012, and returns when all connections
    /// are gone, at the latest when the times for draining and closing are over.
    package func stop(_ listener: any Channel) async {
        try? await listener.close().get()
        let loop = loops.next()
        let empty = shared.connections.stop(on: loop)
        let connections = shared.connections
        let limits = shared.limits
        let deadline = loop.scheduleTask(in: TimeAmount(limits.drain)) { connections.abandon() }
        let last = loop.scheduleTask(in: TimeAmount(limits.drain + limits.closeTimeout + .seconds(1))) {
            connections.giveUp()
        }
        try? await empty.get()
        deadline.cancel()
        last.cancel()
    }
}
