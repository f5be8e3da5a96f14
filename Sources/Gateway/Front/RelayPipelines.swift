import NIOCore
import NIOHTTP1

/// Turns two HTTP pipelines into the two legs of a relay.
enum RelayPipelines {
    /// Must run on the event loop of both channels, with the 101 written.
    ///
    /// Both decoders leave in the loop's next turn only. The environment's, which would take every write for HTTP until
    /// then, is passed by: the leg stands before it, behind the gate. The client's hands on what it has read beyond the
    /// handshake when it goes, so the leg stands after it.
    ///
    /// - Throws: when a handler is missing, because one of the channels is closed already; no leg was told of anything.
    static func join(
        client: any Channel,
        _ front: FrontHandler,
        environment: any Channel,
        _ upgrade: UpgradeHandler,
        legs: (client: LegHandler, environment: LegHandler)
    ) throws {
        let clientSide = client.pipeline.syncOperations
        let environmentSide = environment.pipeline.syncOperations
        let gate = try environmentSide.handler(type: SwitchGate.self)
        let requests = try clientSide.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        let answers = try environmentSide.context(handlerType: ByteToMessageHandler<HTTPResponseDecoder>.self)
        let answerEncoder = try clientSide.context(handlerType: HTTPResponseEncoder.self)
        let requestEncoder = try environmentSide.context(handlerType: HTTPRequestEncoder.self)
        clientSide.removeHandler(context: answerEncoder, promise: nil)
        try environmentSide.addHandler(legs.environment, position: .after(gate))
        try clientSide.addHandler(legs.client)
        clientSide.removeHandler(front, promise: nil)
        environmentSide.removeHandler(upgrade, promise: nil)
        environmentSide.removeHandler(context: requestEncoder, promise: nil)
        environmentSide.removeHandler(context: answers, promise: nil)
        clientSide.removeHandler(context: requests, promise: nil)
        gate.open()
        environmentSide.removeHandler(gate, promise: nil)
        // What the client's decoder hands on when it goes has no read of its own behind it that would flush it.
        let early = NIOLoopBound(legs.environment, eventLoop: environment.eventLoop)
        environment.eventLoop.execute { early.value.flush() }
    }
}
