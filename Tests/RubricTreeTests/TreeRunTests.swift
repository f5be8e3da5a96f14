import RewardModel
import RubricTree
import Testing

@Suite("one scoring of a tree")
struct TreeRunTests {
    // MARK: - Values

    @Test("a weighted sum adds in declared order")
    func weightedSum() {
        let tree = node(.weightedSum, [leaf("a", weight: 0.7), leaf("b", weight: 0.2), leaf("c", weight: 0.1)])
        var run = Play(tree)
        run.answer(["a": 0.1, "b": 0.2, "c": 0.3])
        let parts: [Double] = [0.7 * 0.1, 0.2 * 0.2, 0.1 * 0.3]
        #expect(run.value == parts.reduce(0, +))
        #expect(run.contributions == ["a": parts[0], "b": parts[1], "c": parts[2]])
    }

    @Test("the same answers in any order give the same bits")
    func anyOrder() {
        let tree = node(.weightedSum, [leaf("a", weight: 0.1), leaf("b", weight: 1e16), leaf("c", weight: -1e16)])
        let answers: [(String, Double)] = [("a", 0.3), ("b", 1), ("c", 1)]
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]] {
            var run = Play(tree)
            for index in order { run.answer([answers[index].0: answers[index].1]) }
            let first: Double = 0.1 * 0.3
            #expect(run.value == first + 1e16 - 1e16)
        }
    }

    @Test(
        "the other combinations",
        arguments: [
            (Combination.min, -1.0), (.max, 3.0), (.mean, 6.0 / 3 + -1.0 / 3), (.product, -3.0),
        ]
    )
    func others(combination: Combination, expected: Double) {
        var run = Play(node(combination, [leaf("a", weight: 2), leaf("b")]))
        run.answer(["a": 3, "b": -1])
        #expect(run.value == expected)
    }

    @Test("a value is held to its range, then clipped, then scaled")
    func pipeline() {
        var within = leaf("a")
        (within.range, within.clip, within.scale) = (ScoreRange(-10, 10), ScoreRange(0, 1), 0.5)
        for (given, expected) in [(5.0, 0.5), (-3, 0), (0.5, 0.25)] {
            var run = Play(node(.weightedSum, [within]))
            run.answer(["a": given])
            #expect(run.value == expected)
        }
        var run = Play(node(.weightedSum, [within]))
        run.answer(["a": 11])
        #expect(run.outcome?.kind == .outOfRange)
    }

    @Test("a sum that is not finite fails")
    func overflow() {
        var run = Play(node(.weightedSum, [leaf("a", weight: 1e300)]))
        run.answer(["a": 1e300])
        #expect(run.outcome?.kind == .notFinite)
    }

    @Test("trees in trees, and a penalty that is taken off")
    func nested() {
        let inner = node(.min, [leaf("x"), leaf("y")], name: "inner", weight: 2)
        var run = Play(node(.weightedSum, [leaf("a"), inner, leaf("p", weight: 0.5, role: .penalty)]))
        run.answer(["a": 1, "inner.x": 3, "inner.y": 4, "p": 0.5])
        #expect(run.value == 6.75)
        #expect(run.contributions["p"] == -0.25)
        #expect(run.contributions["inner"] == 6)
    }

    // MARK: - What is absent

    @Test("what is absent never becomes a zero", arguments: [Outcome.failed(.crash), .unscored(.abstained)])
    func absent(outcome: Outcome) {
        var run = Play(node(.weightedSum, [leaf("a"), leaf("b")]))
        run.answer(["a": 1])
        run.answer("b", outcome)
        #expect(run.outcome?.kind == outcome.kind)
        #expect(run.outcome?.text?.hasPrefix("b: ") == true)
    }

    @Test("a failure goes before what is merely unscored")
    func failureFirst() {
        var run = Play(node(.mean, [leaf("a"), leaf("b"), leaf("c")]))
        run.answer("a", .unscored(.abstained))
        run.answer("b", .failed(.crash, message: "gone"))
        run.answer("c", .failed(.timeout))
        #expect(run.outcome == .failed(.crash, message: "b: gone"))
    }

    @Test("a metric, absent or not a number, never reaches the total", arguments: [ComponentRole.metric, .reward])
    func metric(role: ComponentRole) {
        let told = leaf("m", weight: role == .metric ? 1 : 0, role: role)
        for outcome in [Outcome.failed(.exception), .scored(.nan), .scored(7)] {
            var run = Play(node(.weightedSum, [leaf("a"), told]))
            run.answer(["a": 0.5])
            #expect(run.outcome == nil, "it is waited for, so that the report does not depend on the order")
            run.answer("m", outcome)
            #expect(run.value == 0.5)
        }
    }

    @Test("skip renormalises a sum and a mean, in bits that do not change when nobody is absent")
    func renormalised() {
        var optional = leaf("b", weight: 0.25)
        optional.onAbsent = .skip
        var sum = Play(node(.weightedSum, [leaf("a", weight: 0.75), optional]))
        sum.answer(["a": 0.6])
        sum.answer("b", .failed(.timeout))
        let share: Double = 0.75 * 0.6
        #expect(sum.value == share * (1 / 0.75))
        var mean = Play(node(.mean, [leaf("a", weight: 0.75), optional]))
        mean.answer(["a": 0.6])
        mean.answer("b", .failed(.timeout))
        #expect(mean.value == share / 0.75)
    }

    @Test("a number in the place of what is absent")
    func substituted() {
        var careful = leaf("b", weight: 0.5)
        careful.onAbsent = .substitute(-1)
        var run = Play(node(.weightedSum, [leaf("a", weight: 0.5), careful]))
        run.answer(["a": 1])
        run.answer("b", .failed(.timeout))
        #expect(run.value == 0)
    }

    @Test("when everything is left out, the whole is as absent as its first part")
    func nothing() {
        var first = leaf("a")
        first.onAbsent = .skip
        var second = leaf("b")
        second.onAbsent = .skip
        var run = Play(node(.max, [first, second]))
        run.answer("b", .failed(.crash))
        run.answer("a", .unscored(.abstained))
        #expect(run.outcome?.kind == .abstained)
    }

    // MARK: - Order

    @Test("a sequence stops at the first zero and never calls the rest")
    func sequence() {
        var run = Play(node(.sequence, [leaf("a"), leaf("b"), leaf("c")]))
        #expect(run.called == ["a"])
        run.answer(["a": 0.5])
        #expect(run.called == ["a", "b"])
        run.answer(["b": 0])
        #expect(run.value == 0)
        #expect(run.called == ["a", "b"])
        var whole = Play(node(.sequence, [leaf("a"), leaf("b")]))
        whole.answer(["a": 0.5])
        whole.answer(["b": 0.25])
        #expect(whole.value == 0.25)
    }

    @Test("a gate is the last value, or 0 and no call of what is behind")
    func gate() {
        let tree = node(.gate(threshold: 0.5), [leaf("a"), leaf("b")])
        var open = Play(tree)
        open.answer(["a": 0.5])
        open.answer(["b": 0.1])
        #expect(open.value == 0.1)
        var closed = Play(tree)
        closed.answer(["a": 0.49])
        #expect(closed.value == 0)
        #expect(closed.called == ["a"])
    }

    @Test("nodes of the role gate come first, and save the others")
    func roleGate() {
        var gate = leaf("g", role: .gate)
        gate.threshold = 0.5
        let tree = node(.weightedSum, [leaf("a"), gate, leaf("m", role: .metric)])
        var closed = Play(tree)
        #expect(closed.called == ["g"])
        closed.answer(["g": 0.4])
        #expect(closed.value == 0)
        #expect(closed.called == ["g"])
        var open = Play(tree)
        open.answer(["g": 0.5])
        #expect(open.called == ["g", "a", "m"])
        open.answer(["a": 2, "m": 9])
        #expect(open.value == 2)
        var failed = Play(tree)
        failed.answer("g", .failed(.crash))
        #expect(failed.outcome?.kind == .crash)
        #expect(failed.called == ["g"])
    }

    @Test("a metric beside a sequence is called with its first node and waited for")
    func metricBesideSequence() {
        var run = Play(node(.sequence, [leaf("a"), leaf("m", role: .metric), leaf("b")]))
        #expect(Set(run.called) == ["a", "m"])
        run.answer(["a": 0])
        #expect(run.outcome == nil)
        run.answer(["m": 3])
        #expect(run.value == 0)
        #expect(!run.called.contains("b"))
    }

    @Test("a gate whose last node is left out has no value")
    func gateWithoutLast() {
        var last = leaf("b")
        last.onAbsent = .skip
        var run = Play(node(.gate(threshold: 0.5), [leaf("a"), last]))
        run.answer(["a": 1])
        run.answer("b", .unscored(.abstained))
        #expect(run.outcome?.kind == .abstained)
    }

    @Test("a tree of one component has its value")
    func single() {
        var only = leaf("a")
        only.scale = 2
        var run = Play(only)
        run.answer(["a": 3])
        #expect(run.value == 6)
    }

    @Test("the timeout of a component is the least of its own and those above")
    func timeouts() {
        var inner = node(.mean, [leaf("a"), leaf("b")], name: "inner")
        inner.timeout = .seconds(2)
        var other = leaf("c")
        other.timeout = .seconds(1)
        let plan = TreePlan(node(.mean, [inner, other, leaf("d")]))
        #expect((0..<4).map { plan.timeout(ofLeaf: $0) } == [.seconds(2), .seconds(2), .seconds(1), nil])
    }

    // MARK: - Making trees

    private func leaf(_ name: String, weight: Double = 1, role: ComponentRole = .reward) -> RubricNode {
        // The text has the form that the initialiser asks for.
        let reference = try! ComponentReference("python:rewards.py:\(name)")
        var node = RubricNode(name: name, content: .component(RubricComponent(reference: reference)))
        (node.weight, node.role) = (weight, role)
        return node
    }

    private func node(
        _ combination: Combination,
        _ parts: [RubricNode],
        name: String = "root",
        weight: Double = 1
    ) -> RubricNode {
        var node = RubricNode(name: name, content: .combination(combination, of: parts))
        node.weight = weight
        return node
    }
}

/// A run, by the paths of its nodes.
private struct Play {
    private let plan: TreePlan
    private var run: TreeRun
    private(set) var called: [String] = []

    init(_ root: RubricNode) {
        plan = TreePlan(root)
        run = TreeRun(plan)
        note(run.start())
    }

    var outcome: Outcome? { run.outcome }
    var value: Double? { run.outcome?.value }

    var contributions: [String: Double] {
        let given = zip(plan.nodes, run.contributions).compactMap { node, value in value.map { (node.path, $0) } }
        return Dictionary(uniqueKeysWithValues: given)
    }

    mutating func answer(_ path: String, _ outcome: Outcome) {
        let leaf = plan.leaves.firstIndex { plan.nodes[$0].path == path }!
        note(run.answer(leaf, outcome))
    }

    mutating func answer(_ values: [String: Double]) {
        for (path, value) in values.sorted(by: { $0.key < $1.key }) { answer(path, .scored(value)) }
    }

    private mutating func note(_ next: TreeRun.Next) {
        guard case .call(let leaves) = next else { return }
        called += leaves.map { plan.nodes[plan.leaves[$0]].path }
    }
}
