package import RewardModel

/// What a component says of itself once it is loaded. Nothing in it changes afterwards.
package struct ComponentDescription: Sendable, Hashable {
    package var unit: ScoringUnit
    /// Fields that every record must hold.
    package var needs: Set<RecordField>
    /// Names that must be in the record's `info`.
    package var columns: [String]
    /// Calls of an episode depend on its earlier calls.
    package var isStateful: Bool
    /// Calls run concurrently in one worker.
    package var isAsynchronous: Bool
    /// A batch call scores each record as a call of its own would.
    package var isElementwise: Bool
    /// An episode may be scored before its end.
    package var scoresPrefixes: Bool
    /// nil: not declared.
    package var isDeterministic: Bool?
    /// Calls are short and always return: fit for the embedded runtime.
    package var isBounded: Bool
    /// Scores the same in every runtime.
    package var isPlacementFree: Bool
    /// Parts of it, such as a judge, may change under the same version.
    package var isMutable: Bool
    package var range: ScoreRange?
    /// Names of the parts that results will carry, when known.
    package var components: [String]
    package var library: Library
    /// Installed packages that were loaded, sorted by name.
    package var distributions: [Distribution]
    /// Files under the version's root that were loaded, relative to it, sorted.
    package var modules: [String]
    /// What it took to load, where its place tells; of this instance alone.
    package var loadCost = LoadCost()

    package init(
        unit: ScoringUnit,
        needs: Set<RecordField>,
        columns: [String] = [],
        isStateful: Bool = false,
        isAsynchronous: Bool = false,
        isElementwise: Bool = false,
        scoresPrefixes: Bool = false,
        isDeterministic: Bool? = nil,
        isBounded: Bool = false,
        isPlacementFree: Bool = false,
        isMutable: Bool = false,
        range: ScoreRange? = nil,
        components: [String] = [],
        library: Library,
        distributions: [Distribution] = [],
        modules: [String] = []
    ) {
        self.unit = unit
        self.needs = needs
        self.columns = columns
        self.isStateful = isStateful
        self.isAsynchronous = isAsynchronous
        self.isElementwise = isElementwise
        self.scoresPrefixes = scoresPrefixes
        self.isDeterministic = isDeterministic
        self.isBounded = isBounded
        self.isPlacementFree = isPlacementFree
        self.isMutable = isMutable
        self.range = range
        self.components = components
        self.library = library
        self.distributions = distributions
        self.modules = modules
    }

    /// Whether both say the same of the component, whatever each took to load.
    package func isAlike(_ other: ComponentDescription) -> Bool {
        var other = other
        other.loadCost = loadCost
        return self == other
    }

    package struct LoadCost: Sendable, Hashable {
        /// From `load` to `loaded`.
        package var duration: Duration?
        /// Resident memory of the process then, in bytes.
        package var memory: Int?

        package init(duration: Duration? = nil, memory: Int? = nil) {
            self.duration = duration
            self.memory = memory
        }
    }

    package struct Library: Sendable, Hashable {
        package var name: String
        package var version: String

        package init(name: String, version: String) {
            self.name = name
            self.version = version
        }
    }
}
