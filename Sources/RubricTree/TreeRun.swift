package import RewardModel

/// One scoring of a tree. Pure: it is told of answers and says which components to call next.
///
/// Within a combination, nodes of the role gate come first, together; one that does not reach its threshold makes the
/// combination 0 and saves what is behind it. Then the others are called together, but for `sequence` and `gate`, whose
/// nodes wait for each other. A combination ends when everything that it began has ended, so that the same answers give
/// the same report in whatever order they come.
package struct TreeRun: Sendable {
    package enum Next: Sendable {
        /// Components to call, by their position among ``TreePlan/leaves``; none: others are still out.
        case call([Int])
        case finished
    }

    package enum State: Sendable {
        case idle
        case running
        /// What the component or the combination gave, and what the node is worth.
        case settled(given: Outcome, value: Outcome)
    }

    package let plan: TreePlan
    package private(set) var states: [State]
    /// What each node gave to its combination.
    package private(set) var contributions: [Double?]
    private var due: [Int] = []

    package init(_ plan: TreePlan) {
        self.plan = plan
        states = Array(repeating: .idle, count: plan.nodes.count)
        contributions = Array(repeating: nil, count: plan.nodes.count)
    }

    /// The whole tree's outcome; nil until it is finished.
    package var outcome: Outcome? {
        if case .settled(_, let value) = states[0] { value } else { nil }
    }

    /// Once, before anything else.
    package mutating func start() -> Next {
        begin(0)
        return next()
    }

    /// Once for each component that was to be called.
    package mutating func answer(_ leaf: Int, _ outcome: Outcome) -> Next {
        settle(plan.leaves[leaf], outcome)
        return next()
    }

    private mutating func next() -> Next {
        defer { due = [] }
        return outcome == nil ? .call(due) : .finished
    }

    private mutating func begin(_ position: Int) {
        guard case .idle = states[position] else { return }
        states[position] = .running
        if let leaf = plan.nodes[position].leaf { due.append(leaf) } else { advance(position) }
    }

    private mutating func settle(_ position: Int, _ outcome: Outcome) {
        let node = plan.nodes[position]
        states[position] = .settled(given: outcome, value: node.settings.value(of: outcome))
        if let parent = node.parent, case .running = states[parent] { advance(parent) }
    }

    // MARK: - Combinations

    /// Begins what can begin; settles the combination when nothing is left to wait for.
    private mutating func advance(_ position: Int) {
        let node = plan.nodes[position]
        guard let combination = node.combination else { return }
        let gates = node.children.filter { plan.nodes[$0].settings.role == .gate }
        guard isSettled(gates, beginning: true) else { return }
        if let end = gates.compactMap({ closing($0) }).first { return settle(position, end) }
        let others = node.children.filter { plan.nodes[$0].settings.role != .gate }
        let inOrder = combination.isOrdered ? others.filter { plan.nodes[$0].counts } : []
        let together = combination.isOrdered ? others.filter { !plan.nodes[$0].counts } : others
        let hasAll = isSettled(together, beginning: true)
        guard case .running = states[position] else { return }
        var end: Outcome?
        for child in inOrder where end == nil {
            guard isSettled([child], beginning: true) else { return }
            end = stop(after: child, combination, isLast: child == inOrder.last)
        }
        guard hasAll, isSettled(together, beginning: false), case .running = states[position] else { return }
        settle(position, end ?? combined(position, combination, others))
    }

    /// Whether all have ended; those that have not begun do so.
    private mutating func isSettled(_ positions: [Int], beginning: Bool) -> Bool {
        if beginning { for position in positions { begin(position) } }
        return positions.allSatisfy { if case .settled = states[$0] { true } else { false } }
    }

    /// What a gate that is not passed makes of its combination; nil when it is passed.
    private func closing(_ position: Int) -> Outcome? {
        let threshold = plan.nodes[position].settings.threshold ?? RubricNode.thresholdUnlessGiven
        switch standing(position) {
        case .number(let number): return number >= threshold ? nil : .scored(0)
        case .leftOut: return nil
        case .fails(let outcome): return outcome
        }
    }

    /// The outcome of a sequence or a gate that ends with this node before its last.
    private func stop(after position: Int, _ combination: Combination, isLast: Bool) -> Outcome? {
        switch (standing(position), combination) {
        case (.fails(let outcome), _): outcome
        case (.number(let number), .sequence): number == 0 ? .scored(0) : nil
        case (.number(let number), .gate(let threshold)): isLast || number >= threshold ? nil : .scored(0)
        default: nil
        }
    }

    private mutating func combined(_ position: Int, _ combination: Combination, _ others: [Int]) -> Outcome {
        var shares: [Share] = []
        var failure: Outcome?
        for child in others where !plan.nodes[child].isTold {
            let weight = plan.nodes[child].settings.weight
            switch standing(child) {
            case .number(let number): shares.append(Share(position: child, weight: weight, number: number))
            case .leftOut: shares.append(Share(position: child, weight: weight, number: nil))
            case .fails(let outcome): failure = failure.map { $0.isFailed ? $0 : outcome } ?? outcome
            }
        }
        if let failure { return failure }
        let rewards = shares.filter { plan.nodes[$0.position].settings.role == .reward }
        guard var combined = combination.combine(rewards) else { return nothing(of: others) }
        for penalty in shares where plan.nodes[penalty.position].settings.role == .penalty {
            guard let number = penalty.number else { continue }
            combined.value -= penalty.weight * number
            combined.contributions.append((penalty.position, -penalty.weight * number))
        }
        for (child, contribution) in combined.contributions { contributions[child] = contribution }
        return .scored(combined.value)
    }

    /// Everything that counts was left out: the combination is as absent as the first of them.
    private func nothing(of others: [Int]) -> Outcome {
        for child in others where plan.nodes[child].counts {
            if case .settled(_, let value) = states[child], value.value == nil { return value }
        }
        return .unscored(.abstained, detail: "no node has a value")
    }

    private func standing(_ position: Int) -> Standing {
        guard case .settled(_, let value) = states[position] else { return .leftOut }
        let node = plan.nodes[position]
        let standing = node.settings.standing(for: value)
        guard case .fails(let outcome) = standing, node.leaf != nil else { return standing }
        return .fails(outcome.naming(node.path))
    }
}

extension Combination {
    /// Its nodes wait for each other.
    fileprivate var isOrdered: Bool {
        switch self {
        case .sequence, .gate: true
        default: false
        }
    }
}

extension Outcome {
    /// The failure of a part, as the whole tells it.
    fileprivate func naming(_ path: String) -> Outcome {
        let text = "\(path): \(text ?? kind?.rawValue ?? "")"
        switch self {
        case .scored: return self
        case .unscored(let kind, _): return .unscored(kind, detail: text)
        case .failed(let kind, _): return .failed(kind, message: text)
        }
    }
}
