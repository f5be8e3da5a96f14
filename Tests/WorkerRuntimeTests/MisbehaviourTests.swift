import AdapterSeam
import BridgeTesting
import Foundation
import JSONBytes
import RewardModel
import Testing

@testable import WorkerRuntime

/// A rubric can do to its own call what it likes; the calls beside it and after it must not notice.
@Suite("Workers that misbehave", .serialized)
struct MisbehaviourTests {
    @Test(
        "a call that brings its worker down fails; the call behind it and the calls after it do not",
        arguments: [
            ("while True: pass", "failed timeout"),
            ("re.match('(a+)+$', 'a' * 60 + 'b')", "failed timeout"),
            ("select.select([], [], [])", "failed timeout"),
            ("signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(100)", "failed timeout"),
            ("os.kill(os.getpid(), signal.SIGSTOP)", "failed timeout"),
            ("subprocess.Popen(['sleep', '1000']); time.sleep(100)", "failed timeout"),
            ("os._exit(0)", "failed crash"),
            ("os.kill(os.getpid(), signal.SIGSEGV)", "failed crash"),
            ("ctypes.string_at(0)", "failed crash"),
            ("os.kill(os.getpid(), signal.SIGKILL)", "failed crash"),
            ("os.close(3); time.sleep(100)", "failed protocol_error"),
            ("os.write(3, b'print me a reward')", "failed protocol_error"),
            ("os.write(3, struct.pack('>I', 0))", "failed protocol_error"),
            ("frame(b'reward: 1')", "failed protocol_error"),
            ("frame(b'[1]')", "failed protocol_error"),
            ("frame(bytes(range(256)))", "failed protocol_error"),
            ("send({'type': 'surprise'})", "failed protocol_error"),
            ("send({'type': 'unreadable', 'frame': 999})", "failed protocol_error"),
            ("hello()", "failed protocol_error"),
        ]
    )
    func downfall(statement: String, outcome: String) async throws {
        try await StandIn.with { options in
            options.stopTimeout = .milliseconds(500)
        } _: { standIn in
            try await standIn.expect("reward = 2", gives: ["2.0"])
            try await standIn.expect(statement, "reward = 3", gives: [outcome, "3.0"])
            try await standIn.expect("reward = 4", gives: ["4.0"])
            try await standIn.wait { $0.failures == 1 && $0.ready == 2 }
        }
    }

    @Test(
        "an outcome that makes no sense is a failure, and no number",
        arguments: [
            ("reward = float('nan')", "failed not_finite"),
            ("reward = float('-inf')", "failed not_finite"),
            ("reward = 'five'", "failed protocol_error"),
            ("reward = [1.0, 2.0]", "failed protocol_error"),
            ("reward = True", "failed protocol_error"),
            ("answer(message, reward=None)", "failed protocol_error"),
            ("answer(message, status='perfect')", "failed protocol_error"),
            ("answer(message, status='failed', kind='bad mood')", "failed verifier_error"),
            ("answer(message, status='failed', kind='abstained')", "failed verifier_error"),
            ("answer(message, status='unscored', kind='timeout')", "failed verifier_error"),
            ("answer(message, status='failed', kind='exception')", "failed exception"),
            ("answer(message, status='unscored', kind='abstained')", "unscored abstained"),
            ("raise SystemExit", "failed exception"),
            ("raise KeyboardInterrupt", "failed exception"),
            ("reward = 1e308", "1e+308"),
        ]
    )
    func nonsense(statement: String, outcome: String) async throws {
        try await StandIn.with { standIn in
            try await standIn.expect(statement, "reward = 3", gives: [outcome, "3.0"])
            #expect(standIn.component.statistics.failures == 0)
        }
    }

    @Test("a late answer is dropped, and its worker lives")
    func late() async throws {
        try await StandIn.with(change: { $0.hangAfter = .seconds(10) }) { standIn in
            try await standIn.expect(
                "time.sleep(0.6); reward = 1",
                within: .milliseconds(200),
                gives: ["failed timeout"]
            )
            try await standIn.expect("reward = 2", gives: ["2.0"])
            #expect(standIn.component.statistics.lateAnswers == 1)
            #expect(standIn.component.statistics.kills == 0)
        }
    }

    @Test("second answers and answers to nothing are dropped and counted")
    func twice() async throws {
        try await StandIn.with { standIn in
            let statement = "answer(message); answer(message); answer({'id': 12345}); reward = 7"
            try await standIn.expect(statement, "reward = 2", gives: ["1.0", "2.0"])
            #expect(standIn.component.statistics.unknownAnswers == 3)
        }
    }

    @Test("100 MB on each of standard output and error are read, and dropped beyond the limit")
    func flood() async throws {
        try await StandIn.with(change: { $0.callTimeout = .seconds(30) }) { standIn in
            let statement = """
                for stream in (1, 2):
                    for _ in range(1000): os.write(stream, (b"x" * 99 + b"\\n") * 1000)
                reward = 5
                """
            try await standIn.expect(statement, gives: ["5.0"])
            try await standIn.wait { $0.outputDropped >= 200_000_000 - 2 * 1000 - 2 * 65_536 }
        }
    }

    @Test("an allocation past the memory limit is refused")
    func memory() async throws {
        try await StandIn.with(change: { $0.memory = 1 << 29 }) { standIn in
            try await standIn.expect("reward = len(bytearray(1 << 30))", "reward = 1", gives: ["failed memory", "1.0"])
        }
    }

    @Test("a record that is no JSON fails alone, though it travels with others")
    func unreadable() async throws {
        try await StandIn.with { standIn in
            let collector = AnswerCollector()
            let records = [#"{"do": "reward = 1"}"#, "{nope", #"{"do": "reward = 3"}"#]
            let calls = records.enumerated().map { ticket, record in
                ScoreCall(
                    ticket: UInt64(ticket),
                    episode: .number(0),
                    record: RawJSON(text: record),
                    deadline: .now + .seconds(30)
                )
            }
            standIn.component.score(calls, into: collector)
            try await collector.wait(for: 3)
            #expect(collector.outcomes.mapValues(\.brief) == [0: "1.0", 1: "failed unreadable", 2: "3.0"])
        }
    }

    @Test("16 episodes in one worker of which one hangs: the others end with their undisturbed numbers")
    func episodes() async throws {
        try await StandIn.with(worker: "serve(stateful=True)") { standIn in
            let count = "episodes[message['episode']] += 1; reward = episodes[message['episode']]"
            let collectors = (0..<16).map { episode in
                standIn.component.open(.number(episode))
                var statements = [String](repeating: count, count: 20)
                if episode == 5 { statements[7] = "time.sleep(100)" }
                defer { standIn.component.close(.number(episode)) }
                return standIn.submit(statements, episode: episode)
            }
            for (episode, collector) in collectors.enumerated() {
                try await collector.wait(for: 20)
                let outcomes = (0..<20).map { collector.outcomes[UInt64($0)]?.brief ?? "nothing" }
                var expected = (1...20).map { "\(Double($0))" }
                if episode == 5 {
                    expected[7...] = ["failed timeout"] + repeatElement("failed state_lost", count: 12)
                }
                #expect(outcomes == expected, "episode \(episode)")
            }
            try await standIn.wait { $0.waiting == 0 && $0.running == 0 && $0.kills == 1 }
        }
    }

    @Test("asynchronous calls are sent together, answered in any order, and only the hanging one is blamed")
    func asynchronous() async throws {
        let worker = """
            hello()
            incoming = messages()
            next(incoming)
            loaded(**{"async": True})
            for message in incoming:
                if message["type"] == "stop": sys.exit(0)
                if message["record"]["do"] == "answer":
                    answer(message, reward=message["id"])
            """
        try await StandIn.with(worker: worker) { standIn in
            try await standIn.expect("hang", "answer", gives: ["failed timeout", "2.0"])
        }
    }
}
