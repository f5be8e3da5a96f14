import RewardModel

/// Reads the tree of a rubric file: mappings with `component` or with `combine` and `of`, and references in one line.
enum RubricGrammar {
    static let depthMax = 16
    static let nodesMax = 256

    /// - Throws: ``BridgeError`` (`.configuration`) with file, line and key.
    static func read(_ file: ConfigFile) throws -> RubricSpec {
        let root = try file.root()
        guard root.isMapping else { throw root.unfit("not a mapping with 'component' or 'combine'") }
        let tree = try node(root, depth: 1, name: file.stem)
        guard tree.count <= nodesMax else { throw root.unfit("\(tree.count) nodes are more than \(nodesMax)") }
        guard (tree.credit == .discounted) == (tree.discount != nil) else {
            throw root.unfit("'credit: discounted' and 'discount' belong together")
        }
        guard tree.role == .reward else { throw root.unfit("the root's role is always reward") }
        return RubricSpec(tree: tree, folder: file.folder)
    }

    /// - Parameter name: for a node without one; nil makes it from the node's content.
    private static func node(_ source: ConfigNode, depth: Int, name: String? = nil) throws -> RubricNode {
        guard depth <= depthMax else { throw source.unfit("nodes are more than \(depthMax) deep") }
        if source.scalar != nil { return RubricNode(reference: try ComponentReference(source)) }
        let members = try source.members()
        try refuseUnknown(members)
        let parts = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
        switch (parts["component"], parts["combine"]) {
        case (let component?, nil):
            return try leaf(members, reference: try ComponentReference(component), name: name)
        case (nil, let combine?):
            let isGate = combine.scalar == "gate"
            let threshold = try isGate ? parts["threshold"].map { try Double($0) } : nil
            let combination = try Combination(combine, threshold: threshold)
            guard let of = parts["of"] else { throw source.unfit("'combine' without 'of'") }
            let children = try children(of, depth: depth)
            let content = RubricNode.Content.combination(combination, of: children)
            var node = RubricNode(name: name ?? combination.name, content: content)
            try read(members, besides: isGate ? ["combine", "of", "threshold"] : ["combine", "of"], into: &node)
            return node
        default:
            throw source.unfit("a node has either 'component' or 'combine'")
        }
    }

    private static func leaf(
        _ members: [(name: String, value: ConfigNode)],
        reference: ComponentReference,
        name: String?
    ) throws -> RubricNode {
        var component = RubricComponent(reference: reference)
        let own = Set(RubricComponent.settings.map(\.name))
        for member in members where own.contains(member.name) {
            try RubricComponent.settings.read(member.name, member.value, into: &component)
        }
        var node = RubricNode(name: name ?? reference.shortName, content: .component(component))
        try read(members, besides: own.union(["component"]), into: &node)
        return node
    }

    private static func children(_ source: ConfigNode, depth: Int) throws -> [RubricNode] {
        let elements = try source.elements()
        guard !elements.isEmpty else { throw source.unfit("an empty list") }
        var names: Set<String> = []
        return try elements.map { element in
            let child = try node(element, depth: depth + 1)
            guard child.credit == nil, child.discount == nil else {
                throw element.unfit("'credit' and 'discount' belong to the root")
            }
            guard names.insert(child.name).inserted else {
                throw element.unfit("a second node named '\(child.name)'", hint: "give the nodes different 'name's")
            }
            return child
        }
    }

    private static func read(
        _ members: [(name: String, value: ConfigNode)],
        besides others: Set<String>,
        into node: inout RubricNode
    ) throws {
        for member in members where !others.contains(member.name) {
            // The names of all forms were checked before.
            guard RubricNode.settings.contains(where: { $0.name == member.name }) else {
                let form = if case .component = node.content { "combine" } else { "component" }
                throw member.value.unfit("it belongs to a node with '\(form)'")
            }
            try RubricNode.settings.read(member.name, member.value, into: &node)
        }
        if node.threshold != nil, node.role != .gate, let place = members.first(where: { $0.name == "threshold" }) {
            throw place.value.unfit("'threshold' belongs to combine: gate and to nodes of the role gate")
        }
    }

    /// Before anything else, so that a misspelt `component` is called misspelt and not missing.
    private static func refuseUnknown(_ members: [(name: String, value: ConfigNode)]) throws {
        let known =
            ["component", "combine", "of"] + RubricNode.settings.map(\.name)
            + RubricComponent.settings.map(\.name)
        for member in members where !known.contains(member.name) { throw member.value.unknownKey(among: known) }
    }
}

extension Combination {
    static let all: [Combination] = [
        .weightedSum, .sequence, .gate(threshold: RubricNode.thresholdUnlessGiven), .min, .max, .mean, .product,
    ]

    fileprivate init(_ node: ConfigNode, threshold: Double?) throws {
        let names = Combination.all.map(\.name)
        guard let text = node.scalar, let combination = Combination.all.first(where: { $0.name == text }) else {
            let nearest = node.scalar.flatMap { Suggestion.nearest(to: $0, among: names) }
            throw node.unfit(
                "not one of \(names.joined(separator: ", "))",
                hint: nearest.map { "did you mean '\($0)'?" }
            )
        }
        if case .gate = combination, let threshold { self = .gate(threshold: threshold) } else { self = combination }
    }
}

extension RubricNode {
    /// A leaf with nothing but its reference.
    init(reference: ComponentReference) {
        self.init(name: reference.shortName, content: .component(RubricComponent(reference: reference)))
    }

    fileprivate var count: Int {
        switch content {
        case .component: 1
        case .combination(_, let nodes): nodes.reduce(1) { $0 + $1.count }
        }
    }
}

extension ComponentReference {
    /// The last part of the target: `score` of `python:rewards.py:score`.
    var shortName: String {
        target.split(whereSeparator: { $0 == ":" || $0 == "/" }).last.map { RubricName.made(from: String($0)) }
            ?? adapter
    }
}

extension ConfigFile {
    /// The file's name without its ending.
    var stem: String {
        let name = path.split(separator: "/").last ?? "rubric"
        return RubricName.made(from: String(name.prefix { $0 != "." }))
    }
}
