package import JSONBytes
package import RewardModel

/// What a runtime needs in order to load a component.
package struct ComponentSource: Sendable, Hashable {
    package var reference: ComponentReference
    /// The node's settings that the adapter reads (`args`, `shape`, `unit`, `types`, ...): a JSON object without
    /// `adapter` and `target`.
    package var settings: RawJSON
    /// The version's read-only copy of its files, an absolute path; paths in the target are relative to it.
    package var root: String
    /// The Python executable, an absolute path.
    package var python: String
    /// Names of the environment variables that the component may read.
    package var environment: [String]
    /// Further variables that it gets, with their values.
    package var variables: [String: String]
    /// Calls that run at a time; nil leaves it to the runtime.
    package var concurrency: Int?
    /// Whether the component may open network connections.
    package var network: Bool
    /// Distributions that the version was made with; nil while it is being made.
    package var expected: [Distribution]?

    package init(
        reference: ComponentReference,
        settings: RawJSON,
        root: String,
        python: String,
        environment: [String] = [],
        variables: [String: String] = [:],
        concurrency: Int? = nil,
        network: Bool = false,
        expected: [Distribution]? = nil
    ) {
        self.reference = reference
        self.settings = settings
        self.root = root
        self.python = python
        self.environment = environment
        self.variables = variables
        self.concurrency = concurrency
        self.network = network
        self.expected = expected
    }
}
