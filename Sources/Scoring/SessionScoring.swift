import AdapterSeam
import DequeModule
package import JSONBytes
package import RewardModel
import RubricTree

/// The scores of one session: which episode a step belongs to, which version scores it, and what its reply carries.
///
/// Confined to one thread (the session's event loop): told of what passed on the wire in the order of the replies, and of
/// answers as they come, it says which held replies may go. It reads no clock and holds no timer. Sessions, their resets
/// and their ends are here; the rest is in the extensions: Steps, Outcomes, Rows.
package final class SessionScoring {
    package let session: SessionID
    let attachment: Attachment
    let journal: any OutcomeJournal
    let events: any SessionEvents

    private(set) var episode: EpisodeInProgress
    private(set) var name: String?
    private(set) var upstreamSession: String?
    let startedAt: Int64
    /// Episodes by the tickets of their open slots.
    var waiting: [UInt64: EpisodeInProgress] = [:]
    /// Replies that wait for their rows to reach the disk.
    var unsynced: [UInt64: (reply: ScoredReply, episode: EpisodeInProgress)] = [:]
    private var nextTicket: UInt64 = 1
    /// Replies no longer reach the client.
    private(set) var isClientGone = false
    /// Why the session is over; nil until it is.
    private var sessionEnd: EpisodeEnd?

    package init(
        session: SessionID,
        name: String?,
        attachment: Attachment,
        journal: any OutcomeJournal,
        events: any SessionEvents,
        at moment: Moment
    ) {
        self.session = session
        self.attachment = attachment
        self.journal = journal
        self.events = events
        self.name = name
        startedAt = moment.milliseconds
        let before = EpisodeKey(session: session, number: 0)
        episode = EpisodeInProgress(key: before, binding: attachment.active, startedAt: moment.milliseconds)
        journal.record([.session(sessionRow)])
    }

    /// No outcome and no row is waited for.
    package var isSettled: Bool { waiting.isEmpty && unsynced.isEmpty }

    /// Whether the environment is asked for its state behind each reset.
    package var asksForStateAtReset: Bool { attachment.needsStateAtReset }

    /// Whether the environment is asked for its state behind each step.
    package var asksForStateAtStep: Bool { attachment.needsStateAtStep }

    // MARK: - Resets

    /// Looks at a reset before it is forwarded.
    /// - Returns: why it is refused, in words for the client; nil to forward it.
    package func refusal(of key: ResetKeyContent) -> String? {
        guard let choice = key.rubric, attachment.choices[choice] == nil else { return nil }
        let known = attachment.choices.keys.sorted().joined(separator: ", ")
        return "rewardbridge.rubric: not one of the choices (\(known.isEmpty ? "there are none" : known))"
    }

    /// The environment began an episode.
    package func resetAnswered(_ exchange: ResetExchange, at moment: Moment) -> [Release] {
        let releases = endEpisode(.reset, at: moment)
        let binding = exchange.key?.rubric.flatMap { attachment.choices[$0] } ?? attachment.active
        let key = EpisodeKey(session: session, number: episode.key.number + 1)
        episode = EpisodeInProgress(key: key, binding: binding, startedAt: moment.milliseconds)
        name = exchange.key?.name ?? name
        episode.name = name
        episode.episodeID = episodeID(of: exchange)
        episode.material.resetRequest = exchange.request
        episode.material.reset = exchange.reply
        episode.material.resetState = exchange.state
        episode.material.answer = exchange.key?.answer
        episode.material.task = exchange.key?.task ?? lookUpTask(for: episode.material)
        recordReset(episode)
        guard let sessionEnd else { return releases }
        // The request was in flight when the session ended; nothing would ever end this episode.
        return releases + endEpisode(sessionEnd, at: moment)
    }

    private func lookUpTask(for material: EpisodeMaterial) -> RawJSON? {
        guard let tasks = attachment.tasks else { return nil }
        return tasks.pointer.select(in: material, step: nil).flatMap(tasks.task(for:))
    }

    private func episodeID(of exchange: ResetExchange) -> String? {
        exchange.request?.member("episode_id")?.string() ?? exchange.state?.member("episode_id")?.string()
    }

    /// A state reply of the environment passed by.
    package func stateSeen(_ state: RawJSON) {
        guard episode.key.number > 0, episode.episodeID == nil else { return }
        episode.episodeID = state.member("episode_id")?.string()
    }

    /// The environment's own id of the session passed by.
    package func upstreamSessionSeen(_ id: String) {
        guard upstreamSession != id else { return }
        upstreamSession = id
        journal.record([.session(sessionRow)])
    }

    // MARK: - Ends

    /// The session is over for the client or the environment. Outcomes still come in and are recorded.
    package func sessionEnded(_ end: EpisodeEnd, at moment: Moment) -> [Release] {
        sessionEnd = end
        let releases = endEpisode(end, at: moment)
        journal.record([.sessionEnded(session, at: moment.milliseconds)])
        return releases
    }

    /// Replies no longer reach the client. Told before ``sessionEnded(_:at:)``, if that is why it ends.
    package func clientGone() {
        isClientGone = true
    }

    /// Ends the episode at hand, unless that has ended or none has begun.
    func endEpisode(_ end: EpisodeEnd, at moment: Moment) -> [Release] {
        let episode = episode
        guard episode.takesSteps else { return [] }
        episode.end = end
        episode.endedAt = moment.milliseconds
        if end != .done { scoreUnasked(episode, at: moment) }
        episode.material = EpisodeMaterial()
        if episode.isOpen { episode.binding.component.close(episode.key) }
        return end == .done ? [] : settle(episode, at: moment)
    }

    /// An episode that stops before `done` still gets its score, though no reply carries it.
    private func scoreUnasked(_ episode: EpisodeInProgress, at moment: Moment) {
        let binding = episode.binding
        episode.isDelivered = episode.isDelivered && binding.policy.fold != .last
        guard
            binding.unit == .episode, !binding.scoresPrefixes, episode.steps > 0,
            !episode.hasFailed
        else { return }
        let ticket = takeTicket()
        episode.slots.append(
            EpisodeInProgress.Slot(
                ticket: ticket,
                step: 0,
                isLast: true,
                holdsReply: false,
                environmentReward: nil,
                since: moment.instant
            )
        )
        let due = makeCall(of: episode, until: moment.instant + binding.policy.deadline)
        begin(due, ticket, of: episode, at: moment)
    }

    func takeTicket() -> UInt64 {
        defer { nextTicket += 1 }
        return nextTicket
    }
}
