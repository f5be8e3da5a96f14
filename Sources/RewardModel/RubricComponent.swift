package import JSONBytes

/// A leaf of a rubric: what to call, and what the adapter and the runtime are told about it. nil: not declared.
package struct RubricComponent: Sendable, Hashable {
    package var reference: ComponentReference

    // Read by the adapter.
    /// Arguments of a factory or a class.
    package var args: [String: CanonicalJSON] = [:]
    /// Which arguments the target is called with.
    package var shape: String?
    package var unit: ScoringUnit?
    /// Classes of action and observation; `json` for attribute access over plain JSON.
    package var types: CanonicalJSON?
    /// The key of the reward in an answer that is an object.
    package var rewardKey: String?
    package var isStateful: Bool?
    /// The target is called once with `args` and gives the component.
    package var isFactory: Bool?
    package var isElementwise: Bool?
    package var scoresPrefixes: Bool?
    package var isDeterministic: Bool?
    /// Whether completions are passed as text or as messages.
    package var completions: String?
    /// Names that the record's `info` must hold.
    package var columns: [String] = []

    // Read by the bridge.
    /// Further files that the target needs: relative paths or patterns.
    package var files: [String] = []
    /// The Python executable or its virtual environment; nil takes the attachment's.
    package var python: String?
    /// Names of the environment variables that the component may read.
    package var environment: [String] = []
    package var network = false
    /// Calls that run at a time, over all of its workers; nil: as many as the workers take.
    package var concurrency: Int?
    /// Judges of the configuration, by the environment variable that gets their base URL.
    package var judges: [String: String] = [:]
    /// Calls are short and always return: fit for the embedded runtime.
    package var isBounded = false
    /// Scores the same in every runtime.
    package var isPlacementFree = false
    /// Where it runs; nil takes the attachment's.
    package var runtime: RuntimeChoice?

    package init(reference: ComponentReference) {
        self.reference = reference
    }

    /// What the adapter reads: an object without the reference.
    package var settings: RawJSON { CanonicalJSON.object(adapterMembers).json }
}
