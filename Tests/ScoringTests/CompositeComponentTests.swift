import AdapterSeam
import BridgeTesting
import JSONBytes
import RewardModel
import Scoring
import Testing

@Suite("a tree that is called like one component")
struct CompositeComponentTests {
    private let collector = AnswerCollector()

    @Test("components are called together, and the answer tells of each")
    func together() async throws {
        let (first, second) = (HeldComponent(.steps()), HeldComponent(.steps()))
        let tree = try CompositeComponent(Self.node(.weightedSum, ["a", "b"]), [first, second])
        tree.score([call(7)], into: collector)
        #expect(first.calls.count == 1 && second.calls.count == 1)
        second.answer(0, .scored(0.25))
        #expect(collector.outcomes.isEmpty)
        let parts = RawJSON(#"[{"path":"x.y","kind":"metric","value":1.0}]"#)
        let metrics = RawJSON(#"{"n":3.0}"#)
        first.answer(
            0,
            ComponentResult(.scored(0.5), components: parts, metrics: metrics, runTime: .microseconds(12))
        )
        try await collector.wait(for: 1)
        #expect(collector.outcomes == [7: .scored(0.75)])
        #expect(
            collector.answers[0].result.components?.text
                == #"[{"path":"a","kind":"reward","weight":1.0,"raw":0.5,"value":0.5,"status":"scored","#
                + #""contribution":0.5,"run_us":12,"library":"python 3.11.7"},"#
                + #"{"path":"a.x.y","kind":"metric","value":1.0},"#
                + #"{"path":"b","kind":"reward","weight":1.0,"raw":0.25,"value":0.25,"status":"scored","#
                + #""contribution":0.25,"library":"python 3.11.7"}]"#
        )
        #expect(collector.answers[0].result.metrics?.text == #"{"a.n":3.0}"#)
        let nodes = collector.answers[0].result.tree?.elements() ?? []
        #expect(nodes.map { $0.member("name")?.string() } == ["root", "root.a", "root.b"])
        #expect(nodes.map { $0.member("score")?.double() } == [0.75, 0.5, 0.25])
    }

    @Test("a component that fails fails alone, and the tree does what its node says")
    func failsAlone() async throws {
        for (rule, expected) in [
            (AbsentRule.fail, Outcome.failed(.crash, message: "b: gone")), (.skip, .scored(1)),
            (.substitute(-1), .scored(-0.5)),
        ] {
            let collector = AnswerCollector()
            let (first, second) = (HeldComponent(.steps()), HeldComponent(.steps()))
            var root = Self.node(.weightedSum, ["a", "b"], weights: [0.5, 1])
            root = Self.changing(root, 1) { $0.onAbsent = rule }
            let tree = try CompositeComponent(root, [first, second])
            tree.score([call(1)], into: collector)
            second.answer(0, .failed(.crash, message: "gone"))
            first.answer(0, rule == .skip ? .scored(1.0 / 1.5) : .scored(1))
            try await collector.wait(for: 1)
            #expect(collector.outcomes[1]?.kind == expected.kind)
            if let value = expected.value { #expect(abs((collector.outcomes[1]?.value ?? .nan) - value) < 1e-15) }
            let told = collector.answers[0].result.components?.element(at: 1)?.member("failure")?.member("kind")
            #expect(told?.string() == "crash")
        }
    }

    @Test("a component is held to the range that its code declares, unless its node says otherwise")
    func declaredRange() async throws {
        var description = ComponentDescription.steps()
        description.range = ScoreRange(0, 1)
        for (range, expected) in [(nil, Outcome.failed(.outOfRange)), (ScoreRange(0, 9), .scored(7))] {
            let collector = AnswerCollector()
            let part = HeldComponent(description)
            var root = Self.node(.max, ["a"])
            root = Self.changing(root, 0) { $0.range = range }
            try CompositeComponent(root, [part]).score([call(1)], into: collector)
            part.answer(0, .scored(7))
            try await collector.wait(for: 1)
            #expect(collector.outcomes[1]?.kind == expected.kind)
            #expect(collector.outcomes[1]?.value == expected.value)
        }
    }

    @Test("a gate saves the call, and the report says so")
    func gate() async throws {
        let (first, second) = (HeldComponent(.steps()), HeldComponent(.steps()))
        let tree = try CompositeComponent(Self.node(.gate(threshold: 1), ["a", "b"]), [first, second])
        tree.score([call(1), call(2)], into: collector)
        first.answer(0, .scored(0))
        first.answer(1, .scored(1))
        #expect(second.calls.map(\.record.text) == [#"{"n":2}"#])
        second.answer(0, .scored(0.5))
        try await collector.wait(for: 2)
        #expect(collector.outcomes == [1: .scored(0), 2: .scored(0.5)])
        let told = collector.answers[0].result.components?.element(at: 1)
        #expect(told?.member("reason")?.string() == "not called")
        #expect(told?.member("value")?.isNull == true)
    }

    @Test("a node's timeout shortens the deadline of its call")
    func timeout() throws {
        let (first, second) = (HeldComponent(.steps()), HeldComponent(.steps()))
        let root = Self.changing(Self.node(.mean, ["a", "b"]), 0) { $0.timeout = .seconds(1) }
        let tree = try CompositeComponent(root, [first, second])
        let call = call(1)
        tree.score([call], into: collector)
        #expect(first.calls[0].deadline < call.deadline - .seconds(30))
        #expect(second.calls[0].deadline == call.deadline)
    }

    @Test("trees of an episode run one after the other when a component keeps state, and close last")
    func keepsOrder() async throws {
        let (gate, stateful) = (HeldComponent(.steps()), HeldComponent(.steps(stateful: true)))
        let tree = try CompositeComponent(Self.node(.gate(threshold: 1), ["a", "b"]), [gate, stateful])
        tree.open(episode(1))
        tree.score([call(1, in: 1), call(2, in: 1), call(3, in: 1)], into: collector)
        tree.score([call(4, in: 2)], into: collector)
        tree.close(episode(1))
        #expect(gate.calls.map(\.record.text) == [#"{"n":1}"#, #"{"n":4}"#])
        #expect(stateful.events == ["open 1"])
        gate.answer(0, .scored(1))
        #expect(stateful.events == ["open 1", "score 1"])
        stateful.answer(0, .scored(1))
        gate.answer(2, .scored(0))
        gate.answer(3, .scored(1))
        #expect(stateful.events == ["open 1", "score 1", "score 1"])
        stateful.answer(1, .scored(1))
        try await collector.wait(for: 3)
        #expect(stateful.events == ["open 1", "score 1", "score 1", "close 1"])
        #expect(collector.outcomes == [1: .scored(1), 2: .scored(0), 3: .scored(1)])
    }

    @Test("components of two units are refused by name")
    func units() {
        let parts = [HeldComponent(.steps()), HeldComponent(.episodes())]
        let error = #expect(throws: BridgeError.self) {
            try CompositeComponent(Self.node(.mean, ["a", "b"]), parts)
        }
        #expect(error?.message == "could not combine 'a' and 'b': one scores by the step, the other by the episode")
    }

    private static func node(_ combination: Combination, _ names: [String], weights: [Double] = []) -> RubricNode {
        let leaves = names.enumerated().map { position, name in
            // The text has the form that the initialiser asks for.
            let reference = try! ComponentReference("python:rewards.py:\(name)")
            var leaf = RubricNode(name: name, content: .component(RubricComponent(reference: reference)))
            if !weights.isEmpty { leaf.weight = weights[position] }
            return leaf
        }
        return RubricNode(name: "tree", content: .combination(combination, of: leaves))
    }

    private static func changing(_ node: RubricNode, _ child: Int, _ change: (inout RubricNode) -> Void) -> RubricNode {
        guard case .combination(let combination, var parts) = node.content else { return node }
        change(&parts[child])
        return RubricNode(name: node.name, content: .combination(combination, of: parts))
    }

    private func episode(_ number: Int) -> EpisodeKey {
        EpisodeKey(session: SessionID(high: 1, low: 1), number: number)
    }

    private func call(_ ticket: UInt64, in number: Int = 9) -> ScoreCall {
        let record = RawJSON(text: #"{"n":\#(ticket)}"#)
        return ScoreCall(ticket: ticket, episode: episode(number), record: record, deadline: .now + .seconds(60))
    }
}
