package import AdapterSeam
import DequeModule
package import RewardModel
import RubricTree
import Synchronization

/// A tree of components that is called like one component: it runs the tree for each call, and answers with the tree's
/// value and what each node said.
///
/// Where a component keeps state, the calls of an episode run one tree after the other, so that a component behind a gate
/// sees the steps in their order. One that a gate saved from a call does not see that step.
package final class CompositeComponent: LoadedComponent {
    package let description: ComponentDescription
    let parts: [any LoadedComponent]
    let report: TreeReport
    private let plan: TreePlan
    /// For each component: the least timeout of its node and those above.
    let timeouts: [Duration?]
    private let episodes = Mutex<[EpisodeKey: Line]>([:])

    /// An episode whose calls wait for each other.
    private struct Line {
        var isBusy = false
        var waiting: Deque<TreeCall> = []
        var isClosing = false
    }

    /// - Parameter parts: the loaded components, in the order of the tree's leaves.
    /// - Throws: ``BridgeError`` (`.configuration`) when they do not score the same thing.
    package init(_ root: RubricNode, _ parts: [any LoadedComponent]) throws {
        var ranges = parts.map(\.description.range)[...]
        plan = TreePlan(root.filled(with: &ranges))
        precondition(plan.leaves.count == parts.count, "a loaded component for each leaf of the tree")
        self.parts = parts
        description = try ComponentDescription(of: parts.map(\.description), in: plan)
        report = TreeReport(plan, parts.map(\.description))
        timeouts = parts.indices.map { [plan] in plan.timeout(ofLeaf: $0) }
    }

    package func open(_ episode: EpisodeKey) {
        for part in parts where part.description.isStateful { part.open(episode) }
    }

    package func score(_ calls: [ScoreCall], into sink: any ScoreSink) {
        for call in calls {
            let tree = TreeCall(call, TreeRun(plan), of: self, sink)
            if !description.isStateful || takeTurn(tree) { tree.start() }
        }
    }

    package func close(_ episode: EpisodeKey) {
        let isIdle = episodes.withLock { episodes in
            guard episodes[episode]?.isBusy == true else { return true }
            episodes[episode]?.isClosing = true
            return false
        }
        if isIdle { closeParts(episode) }
    }

    package func retire() async {
        for part in parts { await part.retire() }
    }

    private func closeParts(_ episode: EpisodeKey) {
        for part in parts where part.description.isStateful { part.close(episode) }
    }

    // MARK: - Turns of an episode

    /// Whether the tree may start; otherwise it waits for those before it.
    private func takeTurn(_ tree: TreeCall) -> Bool {
        episodes.withLock { episodes in
            guard episodes[tree.call.episode, default: Line()].isBusy else {
                episodes[tree.call.episode, default: Line()].isBusy = true
                return true
            }
            episodes[tree.call.episode]?.waiting.append(tree)
            return false
        }
    }

    /// A tree of a component with state has ended.
    func giveTurn(of episode: EpisodeKey) {
        guard description.isStateful else { return }
        let (next, isClosing) = episodes.withLock { episodes -> (TreeCall?, Bool) in
            if let next = episodes[episode]?.waiting.popFirst() { return (next, false) }
            return (nil, episodes.removeValue(forKey: episode)?.isClosing ?? false)
        }
        next?.start()
        if isClosing { closeParts(episode) }
    }
}

extension RubricNode {
    /// Each component with the range that its code declares, unless the file gives one.
    fileprivate func filled(with ranges: inout ArraySlice<ScoreRange?>) -> RubricNode {
        var node = self
        switch content {
        case .component:
            let declared = ranges.popFirst() ?? nil
            node.range = range ?? declared
        case .combination(let combination, let parts):
            node.content = .combination(combination, of: parts.map { $0.filled(with: &ranges) })
        }
        return node
    }
}
