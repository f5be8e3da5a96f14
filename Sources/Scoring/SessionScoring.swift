import AdapterSeam
import DequeModule
package import JSONBytes
package import RewardModel
import RubricTree

/// The scores of one session: which episode a step belongs to, which version scores it, and what its reply carries.
///
/// Confined to one thread (the session's event loop): told of what passed on the wire in the order of the replies, and of
/// answers as they come, it says which held replies may go. It reads no clock and holds no timer.
package final class SessionScoring {
    package let session: SessionID
    let attachment: Attachment
    let journal: any OutcomeJournal
    private let events: any SessionEvents
    private let idPrefix: String

    private var episode: EpisodeInProgress
    private(set) var name: String?
    private(set) var upstreamSession: String?
    private let startedAt: Int64
    /// Episodes by the tickets of their open slots.
    private var waiting: [UInt64: EpisodeInProgress] = [:]
    /// Replies that wait for their rows to reach the disk.
    private var unsynced: [UInt64: (reply: ScoredReply, episode: EpisodeInProgress)] = [:]
    private var nextTicket: UInt64 = 1
    /// Replies no longer reach the client.
    private var isClientGone = false

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
        self.idPrefix = session.description
        startedAt = moment.milliseconds
        let before = EpisodeKey(session: session, number: 0)
        episode = EpisodeInProgress(key: before, binding: attachment.active, startedAt: moment.milliseconds)
        journal.record([.session(sessionRow(startedAt: moment.milliseconds))])
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
        recordReset(episode, at: moment)
        return releases
    }

    private func lookUpTask(for material: EpisodeMaterial) -> RawJSON? {
        guard let tasks = attachment.tasks, let pointer = try? BoundPointer(tasks.pointer) else { return nil }
        return pointer.select(in: material, step: nil).flatMap(tasks.task(for:))
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
        journal.record([.session(sessionRow(startedAt: startedAt))])
    }

    // MARK: - Steps

    /// The environment answered a step. The reply is held until a ``Release`` names the ticket, which may be at once.
    /// - Returns: the ticket, the last moment to call ``expire(_:at:)`` if it was not released by then, and the replies
    ///   that may go.
    package func stepAnswered(
        _ exchange: StepExchange,
        at moment: Moment
    ) -> (ticket: UInt64, deadline: ContinuousClock.Instant?, releases: [Release]) {
        let ticket = takeTicket()
        let episode = episode
        episode.steps += 1
        recordStep(exchange, episode)
        if exchange.isToolListing {
            recordToolListing(episode, at: moment)
            return (ticket, nil, [Release(ticket: ticket, reply: .untouched)])
        }
        let assessment = assess(exchange, of: episode, at: moment)
        if case .pending = assessment {
            return (ticket, nil, [Release(ticket: ticket, reply: reply(episode.fold.pending(), nil))])
        }
        var releases: [Release] = []
        let isLast = exchange.done && episode.takesSteps
        let holdsReply = isLast || episode.binding.policy.delivery == .inline || !episode.takesSteps
        if !holdsReply { releases.append(Release(ticket: ticket, reply: reply(episode.fold.pending(), nil))) }
        episode.slots.append(
            EpisodeInProgress.Slot(
                ticket: ticket,
                step: episode.steps,
                isLast: isLast,
                isOutside: !episode.takesSteps,
                holdsReply: holdsReply,
                environmentReward: exchange.reward,
                since: moment.instant
            )
        )
        var deadline: ContinuousClock.Instant?
        switch assessment {
        case .pending: break
        case .settled(let outcome): answer(ticket, of: episode, with: ComponentResult(outcome), at: moment)
        case .call(let record, let until):
            deadline = holdsReply ? until : nil
            call(ticket, record, of: episode, until: until)
        }
        if isLast { releases += endEpisode(.done, at: moment) }
        return (ticket, deadline, releases + settle(episode, at: moment))
    }

    /// The environment answered a step in a way that cannot be scored; the reply is not held.
    /// - Parameter outcome: what is recorded for the step; a failed one fails the episode.
    package func stepUnscorable(_ outcome: Outcome, at moment: Moment) -> [Release] {
        let episode = episode
        episode.steps += 1
        let ticket = takeTicket()
        episode.slots.append(
            EpisodeInProgress.Slot(
                ticket: ticket,
                step: episode.steps,
                isLast: false,
                isOutside: !episode.takesSteps,
                holdsReply: false,
                environmentReward: nil,
                since: moment.instant,
                result: ComponentResult(outcome)
            )
        )
        return settle(episode, at: moment)
    }

    private enum Assessment {
        case settled(Outcome)
        /// Not due with this step.
        case pending
        case call(RawJSON, until: ContinuousClock.Instant)
    }

    private func assess(_ exchange: StepExchange, of episode: EpisodeInProgress, at moment: Moment) -> Assessment {
        guard episode.takesSteps else { return .settled(.unscored(.noReset)) }
        if let problem = exchange.problem { return .settled(episode.hasFailed ? .failed(.episodeFailed) : problem) }
        let binding = episode.binding
        episode.material.add(
            StepMaterial(
                index: episode.steps,
                action: exchange.action,
                observation: exchange.observation,
                reward: exchange.reward,
                done: exchange.done,
                state: exchange.state
            ),
            keepingEarlier: binding.plan.keepsHistory
        )
        if episode.hasFailed { return .settled(.failed(.episodeFailed)) }
        let isDue = exchange.done || binding.component.description.unit != .episode || binding.scoresPrefixes
        guard isDue else { return .pending }
        let deadline = StepDeadline.instant(
            policy: binding.policy,
            requested: exchange.requestedAt,
            replied: moment.instant
        )
        guard let deadline else { return .settled(.failed(.noTime)) }
        return makeCall(of: episode, until: deadline)
    }

    private func makeCall(of episode: EpisodeInProgress, until deadline: ContinuousClock.Instant) -> Assessment {
        guard episode.material.stepBytes <= attachment.historyMax else { return .settled(.failed(.tooLarge)) }
        let id = "\(idPrefix)/\(episode.key.number)/\(episode.steps)"
        do {
            return .call(try episode.binding.plan.record(id: id, of: episode.material), until: deadline)
        } catch {
            return .settled(error.outcome)
        }
    }

    private func call(
        _ ticket: UInt64,
        _ record: RawJSON,
        of episode: EpisodeInProgress,
        until deadline: ContinuousClock.Instant
    ) {
        let component = episode.binding.component
        if component.description.isStateful, !episode.isOpen {
            episode.isOpen = true
            component.open(episode.key)
        }
        waiting[ticket] = episode
        let call = ScoreCall(ticket: ticket, episode: episode.key, record: record, deadline: deadline)
        component.score([call], into: SessionSink(events: events))
    }

    // MARK: - Outcomes

    /// Answers came, in any order; tickets that expired before are passed over.
    package func receive(_ answers: ComponentAnswers, at moment: Moment) -> [Release] {
        var releases: [Release] = []
        for given in answers.answers {
            guard let episode = waiting.removeValue(forKey: given.ticket) else { continue }
            answer(given.ticket, of: episode, with: given.result, at: moment)
            releases += settle(episode, at: moment)
        }
        return releases
    }

    /// A ticket's deadline passed, or the bridge cannot wait any longer.
    package func expire(_ ticket: UInt64, as kind: OutcomeKind = .timeout, at moment: Moment) -> [Release] {
        let failure = ScoreAnswer(ticket: ticket, result: ComponentResult(.failed(kind)))
        return receive(ComponentAnswers([failure]), at: moment)
    }

    /// Rows of a held reply reached the disk, or could not be written.
    package func synced(_ ticket: UInt64, _ result: Result<Void, BridgeError>) -> [Release] {
        guard let held = unsynced.removeValue(forKey: ticket) else { return [] }
        guard case .failure = result else { return [Release(ticket: ticket, reply: held.reply)] }
        let failure = Outcome.failed(.persistenceFailed)
        let carried = held.episode.fold.settle(failure, isLast: true)
        return [Release(ticket: ticket, reply: reply(carried, nil))]
    }

    private func answer(
        _ ticket: UInt64,
        of episode: EpisodeInProgress,
        with result: ComponentResult,
        at moment: Moment
    ) {
        guard let index = episode.slots.firstIndex(where: { $0.ticket == ticket }) else { return }
        episode.slots[index].result = result
        episode.slots[index].answeredAt = moment.instant
    }

    /// Settles the episode's steps in their order, as far as their outcomes are there.
    private func settle(_ episode: EpisodeInProgress, at moment: Moment) -> [Release] {
        var releases: [Release] = []
        while let slot = episode.slots.first, var result = slot.result {
            episode.slots.removeFirst()
            result.outcome = result.outcome.checked(in: episode.binding.policy.range)
            let carried = carried(for: slot, result.outcome, in: episode)
            let reaches = slot.holdsReply && !isClientGone
            if !slot.isOutside { episode.isDelivered = reaches }
            let row = outcomeRow(slot, result, episode, carried: reaches ? carried : nil, at: moment)
            guard slot.holdsReply else {
                journal.record([.outcome(row)])
                continue
            }
            let reply = reply(carried, breakdown(slot, result, episode))
            releases += publish([.outcome(row)], reply, slot.ticket, episode)
        }
        if episode.end != nil, episode.slots.isEmpty { journal.record([.episode(episodeRow(episode))]) }
        return releases
    }

    private func carried(
        for slot: EpisodeInProgress.Slot,
        _ outcome: Outcome,
        in episode: EpisodeInProgress
    ) -> EpisodeFold.Carried {
        if slot.isOutside {
            // A step outside of any episode must not touch the fold of the one that ended.
            var outside = EpisodeFold(policy: episode.binding.policy, basis: .step)
            return outside.settle(outcome, isLast: true)
        }
        return episode.fold.settle(outcome, isLast: slot.isLast)
    }

    private func publish(
        _ entries: [JournalEntry],
        _ reply: ScoredReply,
        _ ticket: UInt64,
        _ episode: EpisodeInProgress
    ) -> [Release] {
        guard episode.binding.policy.durability == .reply else {
            journal.record(entries)
            return [Release(ticket: ticket, reply: reply)]
        }
        unsynced[ticket] = (reply, episode)
        let events = events
        journal.sync(entries) { events.synced(ticket, $0) }
        return []
    }

    private func reply(_ carried: EpisodeFold.Carried, _ breakdown: RawJSON?) -> ScoredReply {
        switch carried {
        case .value(let value): .reward(value, breakdown: breakdown)
        case .null: .reward(nil, breakdown: breakdown)
        case .environment: .environmentReward(breakdown: breakdown)
        case .error: .error
        }
    }

    // MARK: - Ends

    /// The session is over for the client or the environment. Outcomes still come in and are recorded.
    package func sessionEnded(_ end: EpisodeEnd, at moment: Moment) -> [Release] {
        let releases = endEpisode(end, at: moment)
        journal.record([.sessionEnded(session, at: moment.milliseconds)])
        return releases
    }

    /// Replies no longer reach the client. Told before ``sessionEnded(_:at:)``, if that is why it ends.
    package func clientGone() {
        isClientGone = true
    }

    private func endEpisode(_ end: EpisodeEnd, at moment: Moment) -> [Release] {
        let episode = episode
        guard episode.takesSteps else { return [] }
        episode.end = end
        episode.endedAt = moment.milliseconds
        if end != .done { scoreUnasked(episode, at: moment) }
        if episode.isOpen { episode.binding.component.close(episode.key) }
        return end == .done ? [] : settle(episode, at: moment)
    }

    /// An episode that stops before `done` still gets its score, though no reply carries it.
    private func scoreUnasked(_ episode: EpisodeInProgress, at moment: Moment) {
        let binding = episode.binding
        episode.isDelivered = episode.isDelivered && binding.policy.fold != .last
        guard
            binding.component.description.unit == .episode, !binding.scoresPrefixes, episode.steps > 0,
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
        switch makeCall(of: episode, until: moment.instant + binding.policy.deadline) {
        case .pending: break
        case .settled(let outcome): answer(ticket, of: episode, with: ComponentResult(outcome), at: moment)
        case .call(let record, let until): call(ticket, record, of: episode, until: until)
        }
    }

    private func takeTicket() -> UInt64 {
        defer { nextTicket += 1 }
        return nextTicket
    }
}
