import NIOCore
import NIOHTTP1
import OpenEnvWire

/// Resets over HTTP: their bodies are held, so that the bridge's own key can be cut out.
extension FrontHandler {
    func awaitReset(_ head: HTTPRequestHead, _ match: RouteTable.Match) {
        state = .collecting(head, match)
        guard HeaderRules.expectsContinue(head) else { return }
        // The environment is asked only when the body is here, so it is the bridge that must ask for it.
        respond(.head(HTTPResponseHead(version: .http1_1, status: .continue)))
        context?.flush()
    }

    func collect(_ bytes: ByteBuffer) {
        guard resetBody.readableBytes + bytes.readableBytes <= shared.limits.resetBodyMax else {
            return refuseBody(.payloadTooLarge, "the body is larger than \(shared.limits.resetBodyMax) bytes")
        }
        guard shared.budget.reserve(bytes.readableBytes) else {
            return refuseBody(.serviceUnavailable, "the bridge holds as many bytes as it may")
        }
        resetBody.writeImmutableBuffer(bytes)
    }

    private func refuseBody(_ status: HTTPResponseStatus, _ detail: String) {
        _ = takeResetBody()
        closesAfterResponse = true
        reply(BridgeReply(status, detail))
    }

    /// Hands out the body that was held, and gives its bytes back to the budget.
    func takeResetBody() -> ByteBuffer {
        defer { resetBody = ByteBuffer() }
        shared.budget.release(resetBody.readableBytes)
        return resetBody
    }

    /// Cuts the bridge's own key out, so that a gold answer never reaches the environment by this way either.
    func sendReset(_ head: HTTPRequestHead, _ match: RouteTable.Match) {
        var request = HeaderRules.request(head, to: match)
        request.headers.remove(name: "expect")
        var rest = takeResetBody()
        if let cut = ResetKey.cut(fromObject: rest) {
            rest = cut.rest
            request.headers.remove(name: "transfer-encoding")
            request.headers.replaceOrAdd(name: "content-length", value: "\(rest.readableBytes)")
        }
        exchange(request, match)
        guard case .exchanging(let exchange, _) = state else { return }
        if rest.readableBytes > 0 { exchange.send(.body(.byteBuffer(rest))) }
        state = .exchanging(exchange, isSent: true)
        exchange.send(.end(nil))
    }
}
