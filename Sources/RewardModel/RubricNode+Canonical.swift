extension RubricNode {
    /// Settings that have their default are left out, so that writing them down does not make another version.
    package var canonical: CanonicalJSON {
        var members: [String: CanonicalJSON] = ["name": .string(name)]
        if weight != 1 { members["weight"] = .number(weight) }
        if role != .reward { members["role"] = .string(role.rawValue) }
        if onAbsent != .fail { members["on_absent"] = .string(onAbsent.description) }
        members["range"] = range?.canonical
        members["clip"] = clip?.canonical
        members["scale"] = scale.map { .number($0) }
        members["discount"] = discount.map { .number($0) }
        members["threshold"] = threshold.map { .number($0) }
        members["credit"] = credit.map { .string($0.rawValue) }
        members["timeout"] = timeout.map { .number($0 / .seconds(1)) }
        switch content {
        case .component(let component):
            members.merge(component.canonicalMembers) { own, _ in own }
        case .combination(let combination, let nodes):
            members.merge(combination.canonicalMembers) { own, _ in own }
            members["of"] = .array(nodes.map(\.canonical))
        }
        return .object(members)
    }
}

extension Combination {
    package var name: String {
        switch self {
        case .weightedSum: "weighted_sum"
        case .sequence: "sequence"
        case .gate: "gate"
        case .min: "min"
        case .max: "max"
        case .mean: "mean"
        case .product: "product"
        }
    }

    fileprivate var canonicalMembers: [String: CanonicalJSON] {
        var members: [String: CanonicalJSON] = ["combine": .string(name)]
        if case .gate(let threshold) = self { members["threshold"] = .number(threshold) }
        return members
    }
}

extension RubricComponent {
    /// What the adapter reads.
    var adapterMembers: [String: CanonicalJSON] {
        var members: [String: CanonicalJSON] = [:]
        if !args.isEmpty { members["args"] = .object(args) }
        members["shape"] = shape.map { .string($0) }
        members["unit"] = unit.map { .string($0.rawValue) }
        members["types"] = types
        members["reward_key"] = rewardKey.map { .string($0) }
        members["stateful"] = isStateful.map { .bool($0) }
        members["factory"] = isFactory.map { .bool($0) }
        members["elementwise"] = isElementwise.map { .bool($0) }
        members["prefix"] = scoresPrefixes.map { .bool($0) }
        members["deterministic"] = isDeterministic.map { .bool($0) }
        members["completions"] = completions.map { .string($0) }
        if !columns.isEmpty { members["columns"] = .strings(columns) }
        return members
    }

    /// `python` is a place on one machine, and files count by their content: neither is part of the text.
    fileprivate var canonicalMembers: [String: CanonicalJSON] {
        var members = adapterMembers
        members["component"] = .string(reference.description)
        if !environment.isEmpty { members["env"] = .strings(environment) }
        if !judges.isEmpty { members["judges"] = .object(judges.mapValues { .string($0) }) }
        if network { members["network"] = .bool(true) }
        if isBounded { members["bounded"] = .bool(true) }
        if isPlacementFree { members["placement_free"] = .bool(true) }
        members["runtime"] = runtime.map { .string($0.rawValue) }
        return members
    }
}

extension ScoreRange {
    /// An open end is null, because JSON has no infinities.
    fileprivate var canonical: CanonicalJSON {
        .array([lower, upper].map { $0.isFinite ? .number($0) : .null })
    }
}

extension CanonicalJSON {
    fileprivate static func strings(_ values: [String]) -> CanonicalJSON {
        .array(values.map { .string($0) })
    }
}
