/// One node of a rubric: a component, or a combination of nodes.
package struct RubricNode: Sendable, Hashable {
    /// Unique among its siblings.
    package var name: String
    package var content: Content
    package var weight = 1.0
    package var role = ComponentRole.reward
    /// What a node of the role gate must reach; ``thresholdUnlessGiven`` unless given.
    package var threshold: Double?
    /// The range that the node's value must lie in, before `clip` and `scale`.
    package var range: ScoreRange?
    package var onAbsent = AbsentRule.fail
    /// Values beyond are moved to the nearer end.
    package var clip: ScoreRange?
    package var scale: Double?
    /// Factor from one step to the next, when an episode's score is handed down to its steps.
    package var discount: Double?
    package var timeout: Duration?
    /// How an episode's score is handed down to its steps, where the library does not do it; of the root alone.
    package var credit: CreditMethod?

    /// OpenEnv's `Gate` has the same threshold.
    package static let thresholdUnlessGiven = 1.0

    package init(name: String, content: Content) {
        self.name = name
        self.content = content
    }

    package enum Content: Sendable, Hashable {
        case component(RubricComponent)
        case combination(Combination, of: [RubricNode])
    }

    /// The leaves from left to right.
    package var components: [RubricComponent] {
        switch content {
        case .component(let component): [component]
        case .combination(_, let nodes): nodes.flatMap(\.components)
        }
    }
}

/// How nodes become one value.
package enum Combination: Sendable, Hashable {
    case weightedSum
    case sequence
    /// The last node's value when every one before reaches the threshold, else 0.
    case gate(threshold: Double)
    case min
    case max
    case mean
    case product
}

/// How an episode's score is handed down to its steps.
package enum CreditMethod: String, Sendable, CaseIterable {
    /// All of it to the last step.
    case final
    /// The same part of it to each step.
    case equal
    /// The score times `discount` once for each step that is left, as OpenEnv's
    /// `ExponentialDiscountingTrajectoryRubric` does.
    case discounted
}

/// What a node's value is for.
package enum ComponentRole: String, Sendable, CaseIterable {
    /// Counts in the combination.
    case reward
    /// Is reported and does not count.
    case metric
    /// Must reach its threshold, or the combination is 0 and what comes behind is not called.
    case gate
    /// Is taken off, times its weight.
    case penalty
}

/// What an absent value does to the combination that it belongs to.
///
/// As text: `fail`, `skip` or `default: 0`.
package enum AbsentRule: Sendable, Hashable, CustomStringConvertible {
    /// The combination has no value either.
    case fail
    /// The combination goes on without it.
    case skip
    /// A finite number in its place.
    case substitute(Double)

    /// - Returns: nil unless the text is one of the three forms, with a finite number in the last.
    package init?(_ text: String) {
        switch text {
        case "fail": self = .fail
        case "skip": self = .skip
        default:
            guard text.hasPrefix("default:") else { return nil }
            let number = text.dropFirst("default:".count).drop(while: { $0 == " " })
            guard let value = Double(number), value.isFinite else { return nil }
            self = .substitute(value)
        }
    }

    package var description: String {
        switch self {
        case .fail: "fail"
        case .skip: "skip"
        case .substitute(let value): "default: \(value)"
        }
    }
}
