import AdapterSeam
import JSONBytes
import RewardModel
import RubricTree

/// What a run of a tree says: its value, and of each node the raw value, the weight, what it gave to the sum, its time
/// and its library.
struct TreeReport: Sendable {
    private let plan: TreePlan
    private let libraries: [ComponentDescription.Library]

    /// - Parameter parts: in the order of the tree's leaves.
    init(_ plan: TreePlan, _ parts: [ComponentDescription]) {
        self.plan = plan
        libraries = parts.map(\.library)
    }

    func result(of run: TreeRun, _ results: [ComponentResult?]) -> ComponentResult {
        var leaf = 0
        var components = JSONWriter(capacity: 256 * plan.nodes.count)
        components.beginArray()
        for (position, node) in plan.nodes.enumerated() {
            let isLeaf = node.children.isEmpty
            let result = isLeaf ? results[leaf] : nil
            let library = isLeaf ? libraries[leaf] : nil
            if isLeaf { leaf += 1 }
            if position > 0 || isLeaf {
                components.component(node, run.states[position], run.contributions[position], result, library)
            }
            components.append(parts: result?.components, below: node.path)
        }
        components.endArray()
        return ComponentResult(
            run.outcome ?? .failed(.verifierError, message: "the tree was not run to its end"),
            components: components.finish(),
            metrics: metrics(of: results),
            tree: tree(of: run),
            runTime: results.lazy.compactMap { $0?.runTime }.max()
        )
    }

    /// Those of the components, under their paths.
    private func metrics(of results: [ComponentResult?]) -> RawJSON? {
        guard results.contains(where: { $0?.metrics != nil }) else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        for (leaf, result) in results.enumerated() {
            for (name, value) in result?.metrics?.members() ?? [] {
                writer.key("\(plan.nodes[plan.leaves[leaf]].path).\(name)")
                writer.raw(value)
            }
        }
        writer.endObject()
        return writer.finish()
    }

    /// OpenEnv's RubricNodes, the root first.
    private func tree(of run: TreeRun) -> RawJSON {
        var writer = JSONWriter(capacity: 192 * plan.nodes.count)
        var leaf = 0
        writer.beginArray()
        for (position, node) in plan.nodes.enumerated() {
            let isLeaf = node.children.isEmpty
            writer.rubricNode(
                name: position == 0 ? "root" : "root.\(node.path)",
                className: isLeaf ? libraries[leaf].name : node.combination?.name ?? "",
                children: node.children.map { "root.\(plan.nodes[$0].path)" },
                node,
                run.states[position]
            )
            if isLeaf { leaf += 1 }
        }
        writer.endArray()
        return writer.finish()
    }
}

extension JSONWriter {
    fileprivate mutating func component(
        _ node: TreePlan.Node,
        _ state: TreeRun.State,
        _ contribution: Double?,
        _ result: ComponentResult?,
        _ library: ComponentDescription.Library?
    ) {
        beginObject()
        key("path")
        string(node.path)
        key("kind")
        string(node.settings.role.rawValue)
        key("weight")
        double(node.settings.weight)
        verdict(state, isLeaf: library != nil)
        if let contribution { key("contribution"); finite(contribution) }
        if let runTime = result?.runTime {
            key("run_us")
            int(Int(runTime / .microseconds(1)))
        }
        if let library {
            key("library")
            string("\(library.name) \(library.version)")
        }
        if let labels = result?.labels {
            key("labels")
            raw(labels)
        }
        endObject()
    }

    /// `raw`, `value`, `status` and `failure`.
    private mutating func verdict(_ state: TreeRun.State, isLeaf: Bool) {
        guard case .settled(let given, let value) = state else {
            key("value")
            null()
            key("status")
            string("unscored")
            key("reason")
            return string("not called")
        }
        if isLeaf, let number = given.value {
            key("raw")
            finite(number)
        }
        key("value")
        finite(value.value)
        key("status")
        string(value.status.rawValue)
        guard let kind = value.kind else { return }
        key("failure")
        beginObject()
        key("kind")
        string(kind.rawValue)
        if let text = value.text {
            key("message")
            string(text)
        }
        endObject()
    }

    /// What the library said of its own parts, under the node's path.
    fileprivate mutating func append(parts: RawJSON?, below path: String) {
        for part in parts?.elements() ?? [] {
            beginObject()
            for (name, value) in part.members() ?? [] {
                key(name)
                if name == "path", let own = value.string() { string("\(path).\(own)") } else { raw(value) }
            }
            endObject()
        }
    }

    fileprivate mutating func rubricNode(
        name: String,
        className: String,
        children: [String],
        _ node: TreePlan.Node,
        _ state: TreeRun.State
    ) {
        beginObject()
        key("name")
        string(name)
        key("class_name")
        string(className)
        key("children")
        beginArray()
        for child in children { string(child) }
        endArray()
        key("aggregation")
        string(node.combination?.name ?? "leaf")
        key("config")
        beginObject()
        key("weight")
        double(node.settings.weight)
        if case .gate(let threshold) = node.combination {
            key("threshold")
            double(threshold)
        }
        endObject()
        key("config_available")
        bool(true)
        key("score")
        if case .settled(_, let value) = state { finite(value.value) } else { null() }
        key("evaluated")
        if case .settled = state { bool(true) } else { bool(false) }
        endObject()
    }

    private mutating func finite(_ value: Double?) {
        if let value, value.isFinite { double(value) } else { null() }
    }
}
