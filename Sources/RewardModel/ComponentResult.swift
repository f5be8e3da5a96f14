package import JSONBytes

/// What one call of a component gave: the outcome, and what the library said besides.
package struct ComponentResult: Sendable, Hashable {
    package var outcome: Outcome
    /// `components` of the answer, an array of `evalrec/1` components; nil when there are none.
    package var components: RawJSON?
    /// `metrics` of the answer, an object of numbers; nil when there are none.
    package var metrics: RawJSON?
    /// `labels` of the answer, an object of texts; nil when there are none.
    package var labels: RawJSON?
    /// `step_scores` of an episode's answer, an array: what each step gets of its reward.
    package var stepScores: RawJSON?
    /// `credit` of the answer, an object: how the step scores were found.
    package var credit: RawJSON?
    /// `tree` of the answer: an array of OpenEnv's RubricNodes, the root first.
    package var tree: RawJSON?
    /// Of a group: one result a member, in the group's order. The group has no number of its own.
    package var members: [ComponentResult]?
    /// Time in the rubric, as the runtime measured it.
    package var runTime: Duration?

    package init(
        _ outcome: Outcome,
        components: RawJSON? = nil,
        metrics: RawJSON? = nil,
        labels: RawJSON? = nil,
        stepScores: RawJSON? = nil,
        credit: RawJSON? = nil,
        tree: RawJSON? = nil,
        members: [ComponentResult]? = nil,
        runTime: Duration? = nil
    ) {
        self.outcome = outcome
        self.components = components
        self.metrics = metrics
        self.labels = labels
        self.stepScores = stepScores
        self.credit = credit
        self.tree = tree
        self.members = members
        self.runTime = runTime
    }
}
