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
    /// Time in the rubric, as the runtime measured it.
    package var runTime: Duration?

    package init(
        _ outcome: Outcome,
        components: RawJSON? = nil,
        metrics: RawJSON? = nil,
        labels: RawJSON? = nil,
        runTime: Duration? = nil
    ) {
        self.outcome = outcome
        self.components = components
        self.metrics = metrics
        self.labels = labels
        self.runTime = runTime
    }
}
