import BridgeTesting
import JSONBytes
import NIOPosix
import RewardModel
import Testing

@testable import Gateway

@Suite("Asking an environment outside of a session", .serialized)
struct EnvironmentProbeTests {
    /// Asks while the test plays the environment.
    private func ask(
        _ path: String,
        body: RawJSON? = nil,
        limits: GatewayLimits = .tests,
        _ answer: @escaping @Sendable (FakeEnvironment) throws -> Void
    ) async throws -> EnvironmentProbe.Answer {
        try await withTaskExecutorPreference(BlockingThreads.shared) {
            let environment = try FakeEnvironment()
            let url = try EnvironmentURL("http://127.0.0.1:\(environment.port)/base")
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            async let asked = EnvironmentProbe(url, limits: limits, loop: loop).ask(path, body: body)
            try answer(environment)
            return try await asked
        }
    }

    @Test func anAnswerOfAnyStatusIsAnAnswer() async throws {
        let healthy = try await ask("/health") { environment in
            let socket = try environment.accept()
            let head = try socket.readHead()
            #expect(head.hasPrefix("GET /base/health HTTP/1.1\r\n"))
            #expect(head.contains("host: 127.0.0.1:\(environment.port)\r\n"))
            try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"status\":\"healthy\"}")
        }
        #expect(healthy.status == 200 && healthy.body.text == #"{"status":"healthy"}"#)
        let lacking = try await ask("/chess/tasks", body: RawJSON(#"{"split":"x"}"#)) { environment in
            let socket = try environment.accept()
            #expect(try socket.readHead().hasPrefix("POST /base/chess/tasks HTTP/1.1\r\n"))
            #expect(try socket.read(13) == Array(#"{"split":"x"}"#.utf8))
            try socket.send("HTTP/1.1 501 No\r\n\r\nno tasks")
        }
        #expect(lacking.status == 501 && lacking.body.text == "no tasks")
    }

    @Test func anInterimAnswerIsNotTheAnswer() async throws {
        let answer = try await ask("/health") { environment in
            let socket = try environment.accept()
            _ = try socket.readHead()
            try socket.send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        }
        #expect(answer.status == 200 && answer.body.text == "ok")
    }

    @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhalf", "nonsense"])
    func anEnvironmentThatHangsUpIsAnErrorAtOnce(_ last: String) async throws {
        await #expect(throws: BridgeError.self) {
            try await ask("/health") { environment in
                let socket = try environment.accept()
                _ = try socket.readHead()
                try socket.send(last)
            }
        }
    }

    @Test func nobodyThereIsAnError() async throws {
        let error = await #expect(throws: BridgeError.self) { try await ask("/health") { $0.close() } }
        #expect(error?.code == .environment)
    }

    @Test func anAnswerLargerThanTheLimitIsAnError() async throws {
        var limits = GatewayLimits.tests
        limits.resetBodyMax = 1_000
        let body = String(repeating: "x", count: 1_001)
        await #expect(throws: BridgeError.self) {
            try await ask("/schema", limits: limits) { environment in
                let socket = try environment.accept()
                _ = try socket.readHead()
                try socket.send("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n\(body)")
                try socket.awaitEnd()
            }
        }
    }

    @Test func silenceIsAnErrorInTime() async throws {
        var limits = GatewayLimits.tests
        limits.connectTimeout = .milliseconds(500)
        limits.handshakeTimeout = .milliseconds(500)
        await #expect(throws: BridgeError.self) {
            try await ask("/health", limits: limits) { environment in
                try environment.accept().awaitEnd()
            }
        }
    }
}
