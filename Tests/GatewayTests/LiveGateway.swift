import AdapterSeam
import BridgeTesting
import Logging
import NIOCore
import NIOPosix
import RewardModel
import Scoring
import Testing

@testable import Gateway

/// What the gateway under test is made with.
struct GatewaySetup {
    var limits = GatewayLimits.tests
    /// nil: nothing is attached.
    var description: ComponentDescription?
    var options = AttachmentOptions()
    var view = RecordView()
    var name = ""
    /// The path of the environment's URL.
    var path = ""
    var redirectOrigins: [EnvironmentURL] = []
    var loops: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton

    /// With a rubric that scores steps.
    static var scored: GatewaySetup {
        var setup = GatewaySetup()
        setup.description = .steps()
        return setup
    }
}

extension GatewayLimits {
    /// Roomy ones.
    static var tests: GatewayLimits {
        GatewayLimits(
            requestMax: 1 << 20,
            replyMax: 8 << 20,
            scoreMax: 1 << 20,
            inFlight: 64,
            sessionsMax: 100,
            memoryMax: 64 << 20,
            resetBodyMax: 1 << 20,
            headerMax: 16_384,
            connectTimeout: .seconds(5),
            handshakeTimeout: .seconds(10),
            keepAlive: .seconds(30),
            drain: .seconds(10),
            closeTimeout: .seconds(10),
            redirectsMax: 2
        )
    }
}

/// A whole gateway on loopback between a client and an environment that the test plays.
struct LiveGateway {
    let environment: FakeEnvironment
    let gateway: Gateway
    let listener: any Channel
    let component: HeldComponent
    let journal: MemoryJournal
    let port: Int

    func stop() async {
        await gateway.stop(listener)
    }

    /// Returns when something that no one tells of has come about; looks at every turn of an event loop.
    func until(_ what: String, _ isSo: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try !isSo() {
            guard ContinuousClock.now < deadline else { throw ContractBreach("\(what): not in time") }
            try await listener.eventLoop.submit {}.get()
        }
    }

    func connect() throws -> RawSocket {
        try RawSocket(connectingTo: port)
    }

    /// A session with both of its ends in the test's hands.
    func openSession(_ target: String = "/ws", headers: String = "") throws -> Session {
        let client = try connect()
        try client.send(Self.handshake(target, headers: headers))
        let (upstream, request) = try environment.acceptSession()
        return Session(client: client, environment: upstream, request: request, response: try client.readHead())
    }

    /// A session with one step whose reply waits for its score.
    func openHeldSession() async throws -> Session {
        let session = try openSession()
        try session.reset()
        try session.step("held")
        try await component.wait(forCalls: 1)
        return session
    }

    static func handshake(_ target: String = "/ws", headers: String = "") -> String {
        "GET \(target) HTTP/1.1\r\nHost: bridge\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\(headers)\r\n"
    }
}

/// Both ends of a session.
struct Session {
    let client: RawSocket
    let environment: RawSocket
    /// The head of the handshake as the environment got it.
    let request: String
    /// The head of the answer as the client got it.
    let response: String

    static let resetReply = #"{"type":"observation","data":{"observation":{"prompt":"go"},"reward":null,"done":false}}"#

    static func stepReply(_ text: String, done: Bool = false) -> String {
        #"{"type":"observation","data":{"observation":{"text":"\#(text)"},"reward":0.25,"done":\#(done)}}"#
    }

    static func scored(_ text: String, _ reward: String, done: Bool = false) -> String {
        #"{"type":"observation","data":{"observation":{"text":"\#(text)"},"reward":\#(reward),"done":\#(done)}}"#
    }

    static func step(_ text: String) -> String { #"{"type": "step", "data": {"message": "\#(text)"}}"# }

    /// A reset with its reply.
    func reset() throws {
        try client.send(.client(.text, #"{"type": "reset", "data": {}}"#))
        _ = try environment.readFrame()
        try environment.send(.server(.text, Self.resetReply))
        _ = try client.readFrame()
    }

    /// Sends a step and the environment's reply to it.
    func step(_ text: String) throws {
        try client.send(.client(.text, Self.step(text)))
        _ = try environment.readFrame()
        try environment.send(.server(.text, Self.stepReply(text)))
    }

    /// Both sides end the session orderly.
    func close() throws {
        try client.send(.close(1000, masked: true))
        _ = try environment.readFrame()
        try environment.send(.close(1000, masked: false))
        environment.close()
        _ = try client.readToEnd()
        client.close()
    }
}

/// Runs a gateway for the time of `body`, and checks that nothing of it is left when it has stopped.
///
/// Suites that use it are serialized: all at once they would keep each other from their deadlines.
func withGateway(
    _ setup: GatewaySetup = GatewaySetup(),
    _ body: (LiveGateway) async throws -> Void
) async throws {
    try await withTaskExecutorPreference(BlockingThreads.shared) { try await run(setup, body) }
}

private func run(_ setup: GatewaySetup, _ body: (LiveGateway) async throws -> Void) async throws {
    let environment = try FakeEnvironment()
    let component = HeldComponent(setup.description ?? .steps())
    let journal = MemoryJournal()
    let gateway = Gateway(
        environments: [
            FrontedEnvironment(
                name: setup.name,
                endpoint: try EnvironmentURL("http://127.0.0.1:\(environment.port)\(setup.path)"),
                attachment: setup.description == nil ? nil : try attachment(setup, component),
                redirectOrigins: setup.redirectOrigins
            )
        ],
        limits: setup.limits,
        journal: journal,
        loops: setup.loops,
        logger: Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() },
        clock: { Moment(instant: .now, milliseconds: 1_000) }
    )
    let listener = try await gateway.start(host: "127.0.0.1", port: 0)
    let live = LiveGateway(
        environment: environment,
        gateway: gateway,
        listener: listener,
        component: component,
        journal: journal,
        port: try #require(listener.localAddress?.port)
    )
    do {
        try await body(live)
    } catch {
        await live.stop()
        throw error
    }
    await live.stop()
    #expect(gateway.shared.connections.sessionCount == 0)
    #expect(gateway.shared.budget.bytesUsed == 0)
}

private func attachment(_ setup: GatewaySetup, _ component: HeldComponent) throws -> Scoring.Attachment {
    let binding = try RubricBinding(
        name: "tested",
        version: RubricVersion(digest: String(repeating: "a", count: 64)),
        component: component,
        options: setup.options,
        view: setup.view
    )
    return Scoring.Attachment(environment: "env", active: binding, recording: .rewards, historyMax: 1 << 20)
}
