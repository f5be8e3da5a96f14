import AdapterSeam
import DequeModule
import JSONBytes
package import RewardModel
import RubricTree

/// Steps: what is due for each, and whether its reply waits for it.
extension SessionScoring {
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
        guard let due = assess(exchange, of: episode, at: moment) else {
            return (ticket, nil, [Release(ticket: ticket, reply: reply(episode.fold.pending(), nil))])
        }
        let isLast = exchange.done && episode.takesSteps
        let holdsReply = isLast || episode.binding.policy.delivery == .inline || !episode.takesSteps
        var releases: [Release] = []
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
        let deadline = begin(due, ticket, of: episode, at: moment)
        if isLast { releases += endEpisode(.done, at: moment) }
        return (ticket, holdsReply ? deadline : nil, releases + settle(episode, at: moment))
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

    /// What is due for a step or an episode.
    enum Due {
        case outcome(Outcome)
        case call(RawJSON, until: ContinuousClock.Instant)
    }

    /// - Returns: nil when nothing is due with this step.
    private func assess(_ exchange: StepExchange, of episode: EpisodeInProgress, at moment: Moment) -> Due? {
        guard episode.takesSteps else { return .outcome(.unscored(.noReset)) }
        guard !episode.hasFailed else { return .outcome(.failed(.episodeFailed)) }
        if let problem = exchange.problem { return .outcome(problem) }
        let binding = episode.binding
        keep(exchange, of: episode)
        let isDue = exchange.done || binding.unit != .episode || binding.scoresPrefixes
        guard isDue else { return nil }
        let deadline = StepDeadline.instant(
            policy: binding.policy,
            requested: exchange.requestedAt,
            replied: moment.instant
        )
        guard let deadline else { return .outcome(.failed(.noTime)) }
        return makeCall(of: episode, until: deadline)
    }

    private func keep(_ exchange: StepExchange, of episode: EpisodeInProgress) {
        episode.material.add(
            StepMaterial(
                index: episode.steps,
                action: exchange.action,
                observation: exchange.observation,
                reward: exchange.reward,
                done: exchange.done,
                state: exchange.state
            ),
            keepingEarlier: episode.binding.plan.keepsHistory,
            within: attachment.historyMax
        )
    }

    func makeCall(of episode: EpisodeInProgress, until deadline: ContinuousClock.Instant) -> Due {
        guard !episode.material.hasOutgrown else { return .outcome(.failed(.tooLarge)) }
        let id = episode.idPrefix + String(episode.steps)
        do {
            return .call(try episode.binding.plan.record(id: id, of: episode.material), until: deadline)
        } catch {
            return .outcome(error.outcome)
        }
    }

    /// Fills the ticket's slot, or asks the component to.
    /// - Returns: until when the component may take.
    @discardableResult
    func begin(
        _ due: Due,
        _ ticket: UInt64,
        of episode: EpisodeInProgress,
        at moment: Moment
    ) -> ContinuousClock.Instant? {
        switch due {
        case .outcome(let outcome):
            answer(ticket, of: episode, with: ComponentResult(outcome), at: moment)
            return nil
        case .call(let record, let deadline):
            call(ticket, record, of: episode, until: deadline)
            return deadline
        }
    }

    private func call(
        _ ticket: UInt64,
        _ record: RawJSON,
        of episode: EpisodeInProgress,
        until deadline: ContinuousClock.Instant
    ) {
        let component = episode.binding.component
        if episode.binding.isStateful, !episode.isOpen {
            episode.isOpen = true
            component.open(episode.key)
        }
        waiting[ticket] = episode
        let call = ScoreCall(ticket: ticket, episode: episode.key, record: record, deadline: deadline)
        component.score([call], into: SessionSink(events: events))
    }
}
