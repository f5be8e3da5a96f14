import Logging
import NIOCore
import NIOHTTP1

/// WebSocket handshakes, and what becomes of the connection.
extension FrontHandler {
    func upgrade(_ head: HTTPRequestHead, _ match: RouteTable.Match) {
        guard let context else { return }
        // Whatever comes of it, the decoder reads no second request after an upgrade.
        closesAfterResponse = true
        guard !HeaderRules.hasBody(head) else {
            return reply(BridgeReply(.badRequest, "a WebSocket handshake has no body"))
        }
        guard shared.connections.admit(within: shared.limits.sessionsMax) else {
            return reply(BridgeReply(.serviceUnavailable, "the bridge serves as many sessions as it may"))
        }
        let connector = UpstreamConnector(loop: context.eventLoop, limits: shared.limits)
        let handshake = Handshake(head, match, connector: connector) { [self] result in
            handshakeEnded(result, head, match)
        }
        state = .upgrading(handshake)
        handshake.start()
    }

    private func handshakeEnded(_ result: Handshake.Result, _ head: HTTPRequestHead, _ match: RouteTable.Match) {
        switch result {
        case .switched(let response, let channel, let handler):
            becomeRelay(response, channel, handler, head, match)
        case .refused(let response, let body):
            shared.connections.dismiss()
            var response = response
            response.headers.remove(name: "transfer-encoding")
            response.headers.replaceOrAdd(name: "content-length", value: "\(body.readableBytes)")
            reply(response, body)
        case .unreachable(let reason):
            shared.connections.dismiss()
            shared.logger.warning("could not open a session on '\(match.environment.endpoint.authority)': \(reason)")
            reply(BridgeReply(.badGateway, reason))
        }
    }

    private func becomeRelay(
        _ response: HTTPResponseHead,
        _ upstream: any Channel,
        _ handler: UpgradeHandler,
        _ head: HTTPRequestHead,
        _ match: RouteTable.Match
    ) {
        guard let context else { return upstream.close(promise: nil) }
        state = .left
        let session = RelaySession(
            id: shared.mintSession(),
            route: match,
            loop: context.eventLoop,
            shared: shared
        )
        var response = response
        response.headers.add(name: "rewardbridge-session", value: "\(session.id)")
        context.writeAndFlush(wrapOutboundOut(.head(response)), promise: nil)
        let name = match.sessionName ?? head.headers.first(name: "rewardbridge-name")
        let legs = session.start(name: name, attachment: match.environment.attachment)
        do {
            try RelayPipelines.join(client: context.channel, self, environment: upstream, handler, legs: legs)
        } catch {
            context.close(promise: nil)
            upstream.close(promise: nil)
            session.connectionEnded(.client)
            session.connectionEnded(.environment)
        }
        // Asked for while the handshake was under way, and held back.
        if owesRead { context.channel.read() }
    }

    /// The client is gone, and its handshake with it.
    func giveUp(_ handshake: Handshake) {
        // The environment must not learn of it before the place is free.
        shared.connections.dismiss()
        handshake.cancel()
    }
}
