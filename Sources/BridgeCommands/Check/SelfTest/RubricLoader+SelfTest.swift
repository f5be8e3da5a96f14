import AdapterSeam
import RewardModel
import RubricTree

/// What a self-test asks a loaded rubric.
extension RubricLoader.Loaded {
    /// The range that the rubric's value is declared to lie in.
    var valueRange: ScoreRange? {
        isTree ? spec.tree.valueRange : range ?? component.description.range
    }

    var isDeterministic: Bool { component.description.isDeterministic == true }

    /// Of the components, in the order of the tree's leaves.
    var paths: [String] {
        let plan = TreePlan(spec.tree)
        return plan.leaves.map { plan.nodes[$0].path }
    }

    var costs: [(path: String, cost: ComponentDescription.LoadCost)] {
        zip(paths, parts).map { ($0, $1.loadCost) }
    }
}

extension RubricNode {
    /// What `clip` and `scale` make of the declared range; nil: nothing is declared.
    fileprivate var valueRange: ScoreRange? {
        guard let ends = clip ?? range else { return nil }
        let (one, two) = (ends.lower * (scale ?? 1), ends.upper * (scale ?? 1))
        return ScoreRange(min(one, two), max(one, two))
    }
}
