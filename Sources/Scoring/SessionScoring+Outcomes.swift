import AdapterSeam
import DequeModule
import JSONBytes
package import RewardModel
import RubricTree

/// Outcomes: taken as they come, settled in the order of the steps.
extension SessionScoring {
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

    func answer(
        _ ticket: UInt64,
        of episode: EpisodeInProgress,
        with result: ComponentResult,
        at moment: Moment
    ) {
        guard let slot = episode.slots.first(where: { $0.ticket == ticket }) else { return }
        slot.result = result
        slot.answeredAt = moment.instant
    }

    /// Settles the episode's steps in their order, as far as their outcomes are there.
    func settle(_ episode: EpisodeInProgress, at moment: Moment) -> [Release] {
        var releases: [Release] = []
        while let slot = episode.slots.first, var result = slot.result {
            episode.slots.removeFirst()
            result.outcome = result.outcome.checked(in: episode.binding.policy.range)
            let carried = carried(for: slot, result.outcome, in: episode)
            let reaches = slot.holdsReply && !isClientGone
            if !slot.isOutside { episode.isDelivered = reaches }
            let row = outcomeRow(slot, result, episode, carried: reaches ? carried : nil, at: moment)
            let entries = [.outcome(row)] + creditRows(of: result, in: episode, beside: row).map(JournalEntry.outcome)
            guard slot.holdsReply else {
                journal.record(entries)
                continue
            }
            let reply = reply(carried, breakdown(slot, result, episode))
            releases += publish(entries, reply, slot.ticket, episode)
        }
        if episode.end != nil, episode.slots.isEmpty {
            journal.record([.episode(episode.row(of: attachment.environment))])
        }
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

    func reply(_ carried: EpisodeFold.Carried, _ breakdown: RawJSON?) -> ScoredReply {
        switch carried {
        case .value(let value): .reward(value, breakdown: breakdown)
        case .null: .reward(nil, breakdown: breakdown)
        case .environment: .environmentReward(breakdown: breakdown)
        case .error: .error
        }
    }
}
