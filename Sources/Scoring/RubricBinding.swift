package import AdapterSeam
package import RewardModel
package import RubricTree

/// A rubric version, loaded and fitted to one environment. An episode keeps the binding that it began with.
///
/// A class, because every step passes it on: each copy of a value of its size counts twenty references up and down.
package final class RubricBinding: Sendable {
    package let name: String
    package let version: RubricVersion
    package let component: any LoadedComponent
    package let policy: AttachmentPolicy
    package let plan: RecordPlan
    /// Whether parts of it, such as a judge, may change under the same digest.
    package let isMutable: Bool
    /// Of the component's description, which is large, and copied whole when it is asked for one thing.
    let unit: ScoringUnit
    let isStateful: Bool
    /// How scores of episodes are handed down where the library does not do it.
    let credit: Credit?
    /// Whether every step is scored as the episode so far.
    let scoresPrefixes: Bool

    /// - Parameters:
    ///   - range: of the rubric file; the attachment's goes before it, the component's own comes after.
    ///   - credit: of the rubric file.
    ///   - isMutable: more than the component itself says of it.
    /// - Throws: ``BridgeError`` (`.configuration`) when the view lacks what the component needs, or the delivery cannot
    ///   be had with its unit.
    package init(
        name: String,
        version: RubricVersion,
        component: any LoadedComponent,
        options: AttachmentOptions,
        view: RecordView,
        range: ScoreRange? = nil,
        credit: Credit? = nil,
        isMutable: Bool = false
    ) throws {
        let description = component.description
        var policy = options.policy(for: description.unit)
        policy.range = policy.range ?? range ?? description.range
        self.name = name
        self.version = version
        self.component = component
        self.policy = policy
        self.plan = try RecordPlan(description: description, view: view)
        self.isMutable = isMutable || description.isMutable
        unit = description.unit
        isStateful = description.isStateful
        self.credit = credit
        scoresPrefixes = description.unit == .episode && [.running, .delta].contains(policy.fold)
        try Self.check(policy, against: description)
        guard credit == nil || description.unit == .episode else {
            throw BridgeError(
                .configuration,
                "could not attach the rubric: credit hands an episode's score down, and it scores by the "
                    + description.unit.rawValue,
                hint: "leave credit out, or give the component unit: episode"
            )
        }
    }

    private static func check(_ policy: AttachmentPolicy, against description: ComponentDescription) throws {
        guard description.unit != .group else {
            throw BridgeError(
                .configuration,
                "could not attach the rubric: it scores groups, and a step's reply cannot wait for other episodes",
                hint: "attach a rubric of unit step or episode"
            )
        }
        guard policy.delivery != .deferred else {
            throw BridgeError(
                .configuration,
                "could not attach the rubric: delivery 'deferred' needs the control API, which this version lacks",
                hint: "set delivery: inline or delivery: terminal"
            )
        }
        if description.unit == .episode, [.running, .delta].contains(policy.fold), !description.scoresPrefixes {
            throw BridgeError(
                .configuration,
                "could not attach the rubric: fold '\(policy.fold.rawValue)' asks it to score unfinished episodes",
                hint: "set fold: last, or declare prefix: true if the rubric can score every prefix of an episode"
            )
        }
    }
}
