package import RewardModel

/// A rubric's tree, laid out for runs: nodes in declared order, the root first, and what each one needs of the others.
package struct TreePlan: Sendable {
    package struct Node: Sendable {
        /// Names from below the root, joined by dots; the root's own name for the root.
        package let path: String
        package let settings: RubricNode
        let parent: Int?
        package let children: [Int]
        /// Position among ``TreePlan/leaves``.
        let leaf: Int?

        /// The combination when the node is one.
        package var combination: Combination? {
            if case .combination(let combination, _) = settings.content { combination } else { nil }
        }

        /// Its value is part of its parent's; what has no weight is told, and no more (0 times NaN is NaN).
        var counts: Bool { settings.role == .reward && settings.weight != 0 }

        /// Nothing of it reaches the parent.
        var isTold: Bool { settings.role == .metric || (settings.role != .gate && settings.weight == 0) }
    }

    package let nodes: [Node]
    /// Positions of the components' nodes, from left to right.
    package let leaves: [Int]

    package init(_ root: RubricNode) {
        var layout = Layout()
        layout.add(root, path: root.name, prefix: "", parent: nil)
        nodes = layout.nodes.map { $0! }
        leaves = layout.leaves
    }

    /// The least `timeout` of the leaf's node and of those above it.
    package func timeout(ofLeaf leaf: Int) -> Duration? {
        var least: Duration?
        var position: Int? = leaves[leaf]
        while let node = position.map({ nodes[$0] }) {
            if let timeout = node.settings.timeout { least = min(least ?? timeout, timeout) }
            position = node.parent
        }
        return least
    }

    private struct Layout {
        /// nil: a node whose children are being laid out.
        var nodes: [Node?] = []
        var leaves: [Int] = []

        @discardableResult
        mutating func add(_ node: RubricNode, path: String, prefix: String, parent: Int?) -> Int {
            let position = nodes.count
            nodes.append(nil)
            var children: [Int] = []
            var leaf: Int?
            switch node.content {
            case .component:
                leaf = leaves.count
                leaves.append(position)
            case .combination(_, let parts):
                for part in parts {
                    let path = prefix + part.name
                    children.append(add(part, path: path, prefix: path + ".", parent: position))
                }
            }
            nodes[position] = Node(path: path, settings: node, parent: parent, children: children, leaf: leaf)
            return position
        }
    }
}
