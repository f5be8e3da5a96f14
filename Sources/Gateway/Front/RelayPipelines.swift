import NIOCore
import NIOHTTP1

/// Turns two HTTP pipelines into the two legs of a relay.
enum RelayPipelines {
    /// Must run on the event loop of both channels, with the 101 written.
    ///
    /// Encoders go first and decoders last: a decoder hands on what it has read beyond the handshake when it is removed,
    /// and by then the way to the other side must be free of HTTP.
    static func join(
        client: any Channel,
        _ front: FrontHandler,
        environment: any Channel,
        _ upgrade: UpgradeHandler,
        legs: (client: LegHandler, environment: LegHandler)
    ) {
        let clientSide = client.pipeline.syncOperations
        let environmentSide = environment.pipeline.syncOperations
        do {
            let decoders = (
                try clientSide.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self),
                try environmentSide.context(handlerType: ByteToMessageHandler<HTTPResponseDecoder>.self)
            )
            let gate = try environmentSide.handler(type: SwitchGate.self)
            let encoders = (
                try clientSide.context(handlerType: HTTPResponseEncoder.self),
                try environmentSide.context(handlerType: HTTPRequestEncoder.self)
            )
            clientSide.removeHandler(context: encoders.0, promise: nil)
            environmentSide.removeHandler(context: encoders.1, promise: nil)
            try clientSide.addHandler(legs.client)
            try environmentSide.addHandler(legs.environment)
            clientSide.removeHandler(front, promise: nil)
            environmentSide.removeHandler(upgrade, promise: nil)
            clientSide.removeHandler(context: decoders.0, promise: nil)
            environmentSide.removeHandler(context: decoders.1, promise: nil)
            // Behind the decoder's own removal, which waits for the loop's next turn.
            let bound = NIOLoopBound(gate, eventLoop: environment.eventLoop)
            environment.eventLoop.execute { bound.value.open() }
        } catch {
            // A handler is missing: one of the channels is closed already.
            client.close(promise: nil)
            environment.close(promise: nil)
        }
    }
}
