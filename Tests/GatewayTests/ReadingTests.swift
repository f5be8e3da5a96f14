import BridgeTesting
import Logging
import NIOCore
import NIOEmbedded
import RewardModel
import Scoring
import Testing

@testable import Gateway

@Suite("Which leg is read when")
struct ReadingTests {
    /// Counts the reads that a leg lets through.
    private final class ReadCounter: ChannelOutboundHandler {
        typealias OutboundIn = ByteBuffer
        var count = 0

        func read(context: ChannelHandlerContext) { count += 1 }
    }

    /// A relay between two channels that only say whether they take more.
    private struct Relay {
        let client = EmbeddedChannel()
        let environment: EmbeddedChannel
        let clientReads = ReadCounter()
        let environmentReads = ReadCounter()
        let session: RelaySession

        init() throws {
            environment = EmbeddedChannel(loop: client.embeddedEventLoop)
            let routes = try RouteTableTests.single()
            let shared = GatewayShared(
                routes: routes,
                limits: .tests,
                journal: MemoryJournal(),
                logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
                clock: { Moment(instant: .now, milliseconds: 1_000) }
            )
            session = RelaySession(
                id: shared.mintSession(),
                route: try #require(routes.match("/ws")),
                loop: client.embeddedEventLoop,
                shared: shared
            )
            let legs = session.start(name: nil, attachment: nil)
            try client.pipeline.syncOperations.addHandlers(clientReads, legs.client)
            try environment.pipeline.syncOperations.addHandlers(environmentReads, legs.environment)
            let address = try SocketAddress(unixDomainSocketPath: "/relay")
            try client.connect(to: address).wait()
            try environment.connect(to: address).wait()
        }

        /// Says whether a channel takes more, then asks both legs to read.
        /// - Returns: which of them did.
        func reads(clientTakes: Bool, environmentTakes: Bool) -> (client: Bool, environment: Bool) {
            client.isWritable = clientTakes
            environment.isWritable = environmentTakes
            client.pipeline.fireChannelWritabilityChanged()
            environment.pipeline.fireChannelWritabilityChanged()
            let before = (clientReads.count, environmentReads.count)
            client.pipeline.read()
            environment.pipeline.read()
            return (clientReads.count > before.0, environmentReads.count > before.1)
        }

        func end() throws {
            _ = try client.finish(acceptAlreadyClosed: true)
            _ = try environment.finish(acceptAlreadyClosed: true)
        }
    }

    /// A client that does not read holds itself back too: the bridge's own replies must not pile up.
    @Test func aLegIsReadWhileTheOtherSideTakesWhatComes() throws {
        let relay = try Relay()
        #expect(relay.reads(clientTakes: true, environmentTakes: true) == (true, true))
        #expect(relay.reads(clientTakes: true, environmentTakes: false) == (false, true))
        #expect(relay.reads(clientTakes: false, environmentTakes: true) == (false, false))
        #expect(relay.reads(clientTakes: false, environmentTakes: false) == (false, false))
        #expect(relay.reads(clientTakes: true, environmentTakes: true) == (true, true))
        try relay.end()
    }
}
