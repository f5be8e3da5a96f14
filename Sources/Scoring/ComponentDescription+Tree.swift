import AdapterSeam
import RewardModel
import RubricTree

extension ComponentDescription {
    /// What a tree says of itself, given what its components say.
    ///
    /// - Throws: ``BridgeError`` (`.configuration`) when they do not score the same thing.
    init(of parts: [ComponentDescription], in plan: TreePlan) throws {
        let needs = parts.reduce(into: Set<RecordField>()) { $0.formUnion($1.needs) }
        let declared = parts.map(\.isDeterministic)
        self.init(
            unit: try Self.unit(of: parts, in: plan),
            needs: needs,
            columns: parts.flatMap(\.columns).firstOnes,
            isStateful: parts.contains(where: \.isStateful),
            scoresPrefixes: parts.allSatisfy(\.scoresPrefixes),
            isDeterministic: declared.contains(false) ? false : declared.contains(nil) ? nil : true,
            isBounded: parts.allSatisfy(\.isBounded),
            isPlacementFree: parts.allSatisfy(\.isPlacementFree),
            isMutable: parts.contains(where: \.isMutable),
            components: plan.nodes.dropFirst().map(\.path),
            library: Library(name: plan.nodes[0].combination?.name ?? parts[0].library.name, version: ""),
            modules: parts.flatMap(\.modules).firstOnes
        )
    }

    /// A batch is how steps are called, not what is scored.
    private static func unit(of parts: [ComponentDescription], in plan: TreePlan) throws -> ScoringUnit {
        let units = parts.map { $0.unit == .batch ? .step : $0.unit }
        guard let other = units.firstIndex(where: { $0 != units[0] }) else { return units[0] }
        let (one, two) = (plan.nodes[plan.leaves[0]].path, plan.nodes[plan.leaves[other]].path)
        throw BridgeError(
            .configuration,
            "could not combine '\(one)' and '\(two)': one scores by the \(units[0].rawValue), the other by the "
                + units[other].rawValue,
            hint: "give them one unit (unit: episode scores whole episodes), or attach two rubrics"
        )
    }
}

extension [String] {
    /// Each one once, where it came first.
    fileprivate var firstOnes: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
