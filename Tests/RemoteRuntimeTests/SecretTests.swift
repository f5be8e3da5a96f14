import BridgeTesting
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import RewardModel
import Synchronization
import Testing

@testable import RemoteRuntime

@Suite("Keys", .timeLimit(.minutes(2)))
struct SecretTests {
    private static let key = "sk-0123456789abcdef"

    @Test(arguments: [
        FakeEndpoint.Act.answer("{\"headers\": \"Bearer \(key)\"}"),
        .answer(.unauthorized, "wrong key \(key)"),
        .answer(.ok, ["x-request-id": "of \(key)"], "{}"),
    ])
    func anAnswerThatRepeatsTheKeyIsNotPassedOn(_ act: FakeEndpoint.Act) async throws {
        try await withGate(GateSetup(), { _, _ in act }) { live in
            for _ in 1...2 {
                let reply = try await live.chat(#"{"seed": 1}"#)
                #expect(reply.status == 502)
                #expect(reply.code == "key_in_answer")
                #expect(!"\(reply)".contains(Self.key))
            }
            #expect(live.endpoint.calls.value.count == 2)
            #expect(!"\(live.journal.calls.value)".contains(Self.key))
        }
    }

    @Test func aKeyIsFoundWhereverItStands() throws {
        let key = try #require(JudgeKey("abcabcabcabcabcabcd"))
        func holds(_ text: String) -> Bool {
            key.isIn(JudgeAnswer(status: .ok, headers: [:], body: ByteBuffer(string: text)))
        }
        for text in [
            "abcabcabcabcabcabcd", "xabcabcabcabcabcabcd", "abcabcabcabcabcabcabcabcabcabcd!", "aaabcabcabcabcabcabcd",
        ] {
            #expect(holds(text))
        }
        for text in ["", "a", "abcabcabcabcabcabc", "abcabcabcabcabcabcabcabcabcabc", "bcabcabcabcabcabcd"] {
            #expect(!holds(text))
        }
    }

    @Test func aKeyThatIsAWordIsNotLookedFor() async throws {
        var setup = GateSetup()
        setup.variables["GRADER_KEY"] = "EMPTY\n"
        try await withGate(setup, { _, _ in .answer("EMPTY") }) { live async throws in
            #expect(try await live.chat("{}").body == "EMPTY")
            #expect(live.endpoint.calls.value.first?.headers["authorization"] == ["Bearer EMPTY"])
        }
    }

    @Test func nothingThatIsPrintedHoldsAKey() async throws {
        let log = MemoryLog()
        var setup = GateSetup()
        setup.logger = Logger(label: "tests") { _ in log }
        setup.logger.logLevel = .trace
        try await withGate(setup, { number, _ in number == 0 ? .close : .answer("{}") }) { live async throws in
            #expect(try await live.chat("{}").attempts == "2")
            #expect(!log.text.isEmpty)
            #expect(!log.text.contains(Self.key))
        }
        let key = try #require(JudgeKey(Self.key))
        #expect(!"\(key) \([key])".contains(Self.key))
    }
}

@Suite("Settings that do not hold together", .timeLimit(.minutes(2)))
struct SettingTests {
    private func failure(
        _ judges: [JudgeOptions],
        _ variables: [String: String] = [:]
    ) async throws -> BridgeError {
        let gate = JudgeGate(
            judges,
            journal: MemoryJudgeJournal(),
            loops: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "tests"),
            variable: { variables[$0] }
        )
        let error = await #expect(throws: BridgeError.self) { try await gate.start() }
        await gate.stop()
        return try #require(error)
    }

    private func judge(_ name: String = "a", url: String = "http://127.0.0.1:1/v1") -> JudgeOptions {
        JudgeOptions(name: name, endpoint: .url(url))
    }

    @Test(arguments: ["", ".", "..", "a/b", "a b", "ü", "a?", String(repeating: "a", count: 65)])
    func names(_ name: String) async throws {
        #expect(try await failure([judge(name)]).code == .configuration)
    }

    @Test func twins() async throws {
        #expect(try await failure([judge(), judge("b"), judge()]).message.contains("same name"))
    }

    @Test(arguments: [
        "", "127.0.0.1", "ws://x/v1", "ftp://x", "http://", "http://u:hidden@x/v1", "http://x/v1?hidden=1",
    ])
    func urls(_ url: String) async throws {
        let error = try await failure([judge(url: url)])
        #expect(error.code == .configuration)
        #expect(!error.description.contains("hidden"))
    }

    @Test func variablesThatAreNotSet() async throws {
        var keyless = judge()
        keyless.keyFrom = "JUDGE_KEY"
        #expect(try await failure([keyless]).message.contains("JUDGE_KEY"))
        // The trainer's own variables are read by no other name than the one that is written down.
        let placeless = JudgeOptions(name: "a", endpoint: .variable("JUDGE_URL"))
        let error = try await failure([placeless], ["OPENAI_BASE_URL": "http://127.0.0.1:1/v1"])
        #expect(error.message.contains("JUDGE_URL"))
    }

    @Test(arguments: ["", "\n", "a b", "a\nb", "hidden\u{7}", "hiddén"])
    func keys(_ key: String) async throws {
        var options = judge()
        options.keyFrom = "JUDGE_KEY"
        let error = try await failure([options], ["JUDGE_KEY": key])
        #expect(error.code == .configuration)
        #expect(!error.description.contains("hidd"))
    }
}

/// Keeps what is logged.
private final class MemoryLog: LogHandler {
    private let lines = Mutex<[String]>([])
    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    subscript(metadataKey _: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        lines.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
