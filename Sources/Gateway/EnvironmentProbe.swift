package import JSONBytes
package import NIOCore
import NIOHTTP1
package import RewardModel

/// Asks an environment over HTTP, outside of any session: for its health, its schema, its tasks.
package struct EnvironmentProbe: Sendable {
    package struct Answer: Sendable {
        package let status: Int
        package let body: RawJSON
    }

    private let url: EnvironmentURL
    private let limits: GatewayLimits
    private let loop: any EventLoop

    package init(_ url: EnvironmentURL, limits: GatewayLimits, loop: any EventLoop) {
        self.url = url
        self.limits = limits
        self.loop = loop
    }

    /// - Parameters:
    ///   - path: below the environment's own.
    ///   - body: sent with POST; nil sends GET.
    /// - Throws: ``BridgeError`` (`.environment`) when there is no answer in time. A status that tells of an error is an
    ///   answer.
    package func ask(_ path: String, body: RawJSON? = nil) async throws -> Answer {
        let promise = loop.makePromise(of: Answer.self)
        let limits = limits
        let maximum = limits.resetBodyMax
        let timer = loop.scheduleTask(in: TimeAmount(limits.connectTimeout + limits.handshakeTimeout)) {
            promise.fail(unanswered("no answer in time"))
        }
        let connection = UpstreamConnector(loop: loop, limits: limits).connect(to: url) {
            ProbeHandler(promise, maximum: maximum)
        }
        let request = request(path, body)
        connection.whenComplete { result in
            switch result {
            case .success(let channel):
                channel.write(HTTPClientRequestPart.head(request), promise: nil)
                if let body { channel.write(HTTPClientRequestPart.body(.byteBuffer(body.bytes)), promise: nil) }
                channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
                promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
            case .failure: promise.fail(unanswered("it does not accept connections"))
            }
        }
        defer { timer.cancel() }
        return try await promise.futureResult.get()
    }

    private func unanswered(_ reason: String) -> BridgeError {
        BridgeError(
            .environment,
            "could not reach environment '\(url)': \(reason)",
            hint: "start it, or correct --env; an OpenEnv server answers GET /health"
        )
    }

    private func request(_ path: String, _ body: RawJSON?) -> HTTPRequestHead {
        var headers: HTTPHeaders = ["host": url.authority, "connection": "close", "accept": "application/json"]
        if let body {
            headers.add(name: "content-type", value: "application/json")
            headers.add(name: "content-length", value: "\(body.count)")
        }
        let method: HTTPMethod = body == nil ? .GET : .POST
        return HTTPRequestHead(version: .http1_1, method: method, uri: url.path + path, headers: headers)
    }
}

private final class ProbeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let promise: EventLoopPromise<EnvironmentProbe.Answer>
    private let maximum: Int
    private var status = 0
    private var body = ByteBuffer()

    init(_ promise: EventLoopPromise<EnvironmentProbe.Answer>, maximum: Int) {
        self.promise = promise
        self.maximum = maximum
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(let bytes):
            guard body.readableBytes + bytes.readableBytes <= maximum else { return context.close(promise: nil) }
            body.writeImmutableBuffer(bytes)
        case .end: promise.succeed(EnvironmentProbe.Answer(status: status, body: RawJSON(body)))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let message = "could not read the environment's answer: the connection ended before it"
        promise.fail(BridgeError(.environment, message))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
