import AsyncHTTPClient
import BridgeTesting
import JSONBytes
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import RewardModel
import Testing

@testable import RemoteRuntime

/// What the gate under test is made with: one judge named `grader`.
struct GateSetup {
    var judge = JudgeOptions(name: "grader", endpoint: .variable("GRADER_URL"))
    var limits = JudgeGateLimits()
    var variables: [String: String] = ["GRADER_KEY": "sk-0123456789abcdef"]
    /// nil: the endpoint that the test plays.
    var url: String?
    var logger = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })

    init(_ change: (inout JudgeOptions) -> Void = { _ in }) {
        judge.keyFrom = "GRADER_KEY"
        judge.backoff = .milliseconds(2)
        judge.backoffMax = .milliseconds(8)
        judge.timeout = .seconds(30)
        change(&judge)
    }
}

/// A whole gate on loopback between a client and an endpoint that the test plays.
struct LiveGate {
    struct Reply: Sendable {
        var status: UInt
        var headers: HTTPHeaders
        var body: String

        /// The code of the gate's own errors.
        var code: String? { JSONPointer("/error/code")?.select(in: RawJSON(text: body))?.string() }
        var isCached: String? { headers.first(name: "RewardBridge-Judge-Cached") }
        var attempts: String? { headers.first(name: "RewardBridge-Judge-Attempts") }
    }

    let endpoint: FakeEndpoint
    let gate: JudgeGate
    let address: JudgeGate.Address
    let journal: MemoryJudgeJournal
    let client: HTTPClient

    var baseURL: String { gate.baseURL(of: "grader") }

    /// Asks for a chat completion.
    func chat(_ body: String, _ headers: HTTPHeaders = [:]) async throws -> Reply {
        try await send(.POST, "/chat/completions", headers, .bytes(ByteBuffer(string: body)))
    }

    func send(
        _ method: HTTPMethod,
        _ route: String,
        _ headers: HTTPHeaders = [:],
        _ body: HTTPClientRequest.Body? = nil
    ) async throws -> Reply {
        try await request(method, baseURL + route, headers, body)
    }

    func request(
        _ method: HTTPMethod,
        _ url: String,
        _ headers: HTTPHeaders = [:],
        _ body: HTTPClientRequest.Body? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: url)
        request.method = method
        request.headers = headers
        request.body = body
        let response = try await client.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 64 << 20)
        return Reply(status: response.status.code, headers: response.headers, body: String(buffer: bytes))
    }

    /// A connection whose bytes are the test's own.
    func connect(sending first: String = "") async throws -> RawClient {
        try await RawClient.connect(to: address.port, sending: first)
    }

    /// A whole request for a chat completion, as bytes.
    func rawChat(_ body: String, _ headers: String = "") -> String {
        let path = "/\(address.token)/grader/v1/chat/completions"
        return "POST \(path) HTTP/1.1\r\nhost: x\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

/// Keeps what it is told.
final class MemoryJudgeJournal: JudgeJournal {
    let calls = Watched<[JudgeCallRecord]>([])

    func record(_ call: JudgeCallRecord) {
        calls.change { $0.append(call) }
    }

    func wait(for count: Int) async throws -> [JudgeCallRecord] {
        try await calls.wait(for: "\(count) calls recorded") { $0.count >= count }
    }
}

/// Runs a test against a gate and stops it afterwards, whatever came of it.
func withGate(
    _ setup: GateSetup = GateSetup(),
    _ script: @escaping @Sendable (Int, FakeEndpoint.Call) -> FakeEndpoint.Act = { _, _ in .answer("{}") },
    _ body: (LiveGate) async throws -> Void
) async throws {
    let endpoint = FakeEndpoint(script)
    try await endpoint.start()
    let journal = MemoryJudgeJournal()
    let variables = setup.variables.merging(["GRADER_URL": setup.url ?? endpoint.url]) { $1 }
    let gate = JudgeGate(
        [setup.judge],
        limits: setup.limits,
        journal: journal,
        loops: MultiThreadedEventLoopGroup.singleton,
        logger: setup.logger,
        variable: { variables[$0] },
        jitter: { 0 }
    )
    let address = try await gate.start()
    var configuration = HTTPClient.Configuration()
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 100
    let client = HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    let live = LiveGate(endpoint: endpoint, gate: gate, address: address, journal: journal, client: client)
    let result: Result<Void, any Error>
    do {
        result = .success(try await body(live))
    } catch {
        result = .failure(error)
    }
    await gate.stop()
    try await client.shutdown()
    try await endpoint.stop()
    try result.get()
}
