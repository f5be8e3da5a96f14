package import JSONBytes

/// One row of the ledger: one outcome, once.
package struct OutcomeRow: Sendable, Hashable {
    package var key: OutcomeKey
    /// The environment's name in the configuration.
    package var environment: String
    /// The rubric's name, for people; the version in the key is what counts.
    package var rubric: String
    package var outcome: Outcome
    /// What the environment itself said in `reward`; nil when it said nothing.
    package var environmentReward: RawJSON?
    package var delivery: DeliveryState
    /// What the client got in `reward`; nil when it got none, or an error frame.
    package var delivered: RawJSON?
    /// The component's weight; nil for a rubric's total.
    package var weight: Double?
    /// An array of `evalrec/1` components.
    package var components: RawJSON?
    /// An object of numbers.
    package var metrics: RawJSON?
    /// An object of texts.
    package var labels: RawJSON?
    /// Whether the outcome may be trained on.
    package var usable: Bool
    /// Whether the version has parts, such as a judge, that may change under the same digest.
    package var mutable: Bool
    /// Time in the rubric.
    package var runTime: Duration?
    /// Time in queues and on the way.
    package var waitTime: Duration?
    /// Milliseconds since 1970-01-01T00:00Z.
    package var createdAt: Int64
    /// Where the outcome came from: `live`, or the name of an import.
    package var source: String

    package init(
        key: OutcomeKey,
        environment: String,
        rubric: String,
        outcome: Outcome,
        environmentReward: RawJSON? = nil,
        delivery: DeliveryState = .none,
        delivered: RawJSON? = nil,
        weight: Double? = nil,
        components: RawJSON? = nil,
        metrics: RawJSON? = nil,
        labels: RawJSON? = nil,
        usable: Bool = true,
        mutable: Bool = false,
        runTime: Duration? = nil,
        waitTime: Duration? = nil,
        createdAt: Int64,
        source: String = "live"
    ) {
        self.key = key
        self.environment = environment
        self.rubric = rubric
        self.outcome = outcome
        self.environmentReward = environmentReward
        self.delivery = delivery
        self.delivered = delivered
        self.weight = weight
        self.components = components
        self.metrics = metrics
        self.labels = labels
        self.usable = usable
        self.mutable = mutable
        self.runTime = runTime
        self.waitTime = waitTime
        self.createdAt = createdAt
        self.source = source
    }
}

/// What makes an outcome the same one, however often it is recorded.
package struct OutcomeKey: Sendable, Hashable {
    package var session: SessionID
    package var episode: Int
    package var unit: ScoringUnit
    /// From 1; 0 for the whole episode.
    package var step: Int
    package var version: RubricVersion
    /// The component's path in the rubric; empty for the rubric's total.
    package var component: String
    package var kind: RowKind

    package init(
        session: SessionID,
        episode: Int,
        unit: ScoringUnit,
        step: Int,
        version: RubricVersion,
        component: String = "",
        kind: RowKind = .live
    ) {
        self.session = session
        self.episode = episode
        self.unit = unit
        self.step = step
        self.version = version
        self.component = component
        self.kind = kind
    }
}

/// What an outcome was made for.
package enum RowKind: String, Sendable, CaseIterable {
    /// Scored while the session ran.
    case live
    /// An episode's score handed down to its steps.
    case credit
    /// Scored relative to other episodes.
    case group
    /// Given from outside: a person, an external grader.
    case pushed
    /// Scored by a version that nobody is served by.
    case shadow
}

/// How an outcome reached the client.
package enum DeliveryState: String, Sendable, CaseIterable {
    case inline
    case api
    case none
}
