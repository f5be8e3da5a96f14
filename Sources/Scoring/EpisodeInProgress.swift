import AdapterSeam
import DequeModule
import JSONBytes
import RewardModel
import RubricTree

/// One episode between its reset and its last outcome. Confined to its session.
final class EpisodeInProgress {
    /// A step, or the episode itself, whose outcome is due.
    ///
    /// A class, because it is large, and as a value would be copied several times on its way through the queue.
    final class Slot {
        let ticket: UInt64
        /// The step; 0 for an episode that ended without a reply.
        let step: Int
        let isLast: Bool
        /// Before the first reset or after the end: its outcome says nothing of the episode.
        let isOutside: Bool
        /// A reply waits for the outcome.
        let holdsReply: Bool
        let environmentReward: RawJSON?
        let since: ContinuousClock.Instant
        var result: ComponentResult?
        var answeredAt: ContinuousClock.Instant?

        init(
            ticket: UInt64,
            step: Int,
            isLast: Bool,
            isOutside: Bool = false,
            holdsReply: Bool,
            environmentReward: RawJSON?,
            since: ContinuousClock.Instant,
            result: ComponentResult? = nil
        ) {
            self.ticket = ticket
            self.step = step
            self.isLast = isLast
            self.isOutside = isOutside
            self.holdsReply = holdsReply
            self.environmentReward = environmentReward
            self.since = since
            self.result = result
        }
    }

    let key: EpisodeKey
    /// What the ids of its records begin with: the session and the episode.
    let idPrefix: String
    /// Pinned from the first to the last step.
    let binding: RubricBinding
    let startedAt: Int64
    var episodeID: String?
    var name: String?
    var material = EpisodeMaterial()
    var fold: EpisodeFold
    var slots = Deque<Slot>()
    /// Step requests that the environment answered.
    var steps = 0
    var end: EpisodeEnd?
    var endedAt: Int64?
    /// The component was told of the episode.
    var isOpen = false
    /// The last reply that could carry the score did.
    var isDelivered = false

    init(key: EpisodeKey, binding: RubricBinding, startedAt: Int64) {
        self.key = key
        idPrefix = "\(key)/"
        self.binding = binding
        self.startedAt = startedAt
        self.fold = EpisodeFold(
            policy: binding.policy,
            basis: binding.unit == .episode ? .prefix : .step
        )
    }

    /// Steps before the first reset and after the end are relayed and never scored.
    var takesSteps: Bool { key.number > 0 && end == nil }

    var hasFailed: Bool { fold.score?.isFailed ?? false }

    /// - Parameter environment: its name in the configuration.
    func row(of environment: String) -> EpisodeRow {
        let score = end == nil ? nil : fold.score
        return EpisodeRow(
            key: key,
            episodeID: episodeID,
            name: name,
            environment: environment,
            version: binding.version,
            startedAt: startedAt,
            endedAt: endedAt,
            end: end,
            steps: steps,
            score: score,
            usable: (end?.isUsable ?? true) && score?.isFailed != true,
            undelivered: end != nil && steps > 0 && !isDelivered
        )
    }
}
