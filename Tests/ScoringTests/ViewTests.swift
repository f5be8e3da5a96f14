import AdapterSeam
import BridgeTesting
import JSONBytes
import RewardModel
import Scoring
import Testing

@Suite("Views and task data")
struct ViewTests {
    private func text(columns: [String] = []) -> ComponentDescription {
        ComponentDescription(
            unit: .step,
            needs: [.completion, .answer, .prompt],
            columns: columns,
            library: ComponentDescription.Library(name: "python", version: "3")
        )
    }

    private func view(_ change: (inout RecordView) -> Void = { _ in }) -> RecordView {
        var view = RecordView()
        view.completion = ViewPointer(root: .action, path: ["message"])
        view.prompt = ViewPointer(root: .reset, path: ["observation", "prompt"])
        change(&view)
        return view
    }

    @Test func pointersBecomeMessagesAnswersAndColumns() throws {
        var key = ResetKeyContent()
        key.task = RawJSON(#"{"answer":"144","level":3}"#)
        let session = try SessionFixture(
            text(columns: ["level"]),
            view: view { view in
                view.columns["level"] = ViewPointer(root: .task, path: ["level"])
            }
        )
        session.reset(key: key)
        _ = session.step(#"{"message":"it is \u0031"}"#)
        let record = try #require(session.component.calls.first?.record)
        #expect(record.member("prompt")?.text == #"[{"role":"user","content":"go"}]"#)
        #expect(record.member("messages")?.text == #"[{"role":"assistant","content":"it is \u0031","sampled":true}]"#)
        #expect(record.member("answer")?.text == #""144""#)
        #expect(record.member("info")?.text == #"{"level":3}"#)
        #expect(record.member("steps") == nil)
    }

    @Test func theResetKeysAnswerGoesFirst() throws {
        var key = ResetKeyContent()
        key.answer = RawJSON("7")
        key.task = RawJSON(#"{"answer":8}"#)
        let session = try SessionFixture(text(), view: view())
        session.reset(key: key)
        _ = session.step()
        #expect(session.component.calls.first?.record.member("answer")?.text == "7")
    }

    @Test func tasksAreLookedUpByIdWhateverItsType() throws {
        let pointer = ViewPointer(root: .resetRequest, path: ["seed"])
        let tasks = try TaskTable(pointer: pointer, tasks: ["7": RawJSON(#"{"answer":"yes"}"#)])
        let session = try SessionFixture(text(), view: view(), tasks: tasks)
        session.reset(request: #"{"seed":7}"#)
        _ = session.step()
        #expect(session.component.calls.first?.record.member("answer")?.string() == "yes")
        session.reset(request: #"{"seed":8}"#)
        #expect(session.step().releases.map(\.reply) == [.reward(nil, breakdown: nil)])
        #expect(session.journal.outcomes.last?.outcome.kind == .noTask)
    }

    @Test func whatTheWireLacksIsNamed() throws {
        var key = ResetKeyContent()
        key.answer = RawJSON("1")
        let session = try SessionFixture(text(), view: view())
        session.reset(key: key)
        _ = session.step(#"{"text":"elsewhere"}"#)
        let outcome = try #require(session.journal.outcomes.last?.outcome)
        #expect(outcome == .unscored(.needs, detail: "/action/message"))
    }

    @Test func aCompletionThatIsNoTextIsNotGuessed() throws {
        var key = ResetKeyContent()
        key.answer = RawJSON("1")
        let session = try SessionFixture(text(), view: view())
        session.reset(key: key)
        _ = session.step(#"{"message":5}"#)
        #expect(session.journal.outcomes.last?.outcome.kind == .needs)
    }

    @Test func aViewThatLacksAnInputIsRefusedByName() {
        let lacking: [(RecordView, String)] = [
            (RecordView(), "prompt"),
            (view { $0.completion = nil }, "completion"),
        ]
        for (view, name) in lacking {
            let error = #expect(throws: BridgeError.self) { try SessionFixture(text(), view: view) }
            #expect(error?.message.contains("'\(name)'") == true)
        }
        let error = #expect(throws: BridgeError.self) { try SessionFixture(text(columns: ["level"]), view: view()) }
        #expect(error?.message.contains("columns.level") == true)
    }

    @Test func turnsBecomeAConversation() throws {
        let description = ComponentDescription(
            unit: .episode,
            needs: [.messages],
            library: ComponentDescription.Library(name: "python", version: "3")
        )
        let session = try SessionFixture(
            description,
            view: view { view in
                view.messages = .turns
                view.reply = ViewPointer(root: .observation, path: ["text"])
            }
        )
        session.reset()
        _ = session.step(#"{"message":"one"}"#, observation: #"{"text":"r1"}"#)
        _ = session.step(#"{"message":"two"}"#, observation: #"{"text":"r2"}"#, done: true)
        let messages = try #require(session.component.calls.first?.record.member("messages")?.elements())
        #expect(messages.map { $0.member("content")?.string() } == ["one", "r1", "two", "r2"])
        #expect(messages.map { $0.member("role")?.string() } == ["assistant", "user", "assistant", "user"])
    }
}
