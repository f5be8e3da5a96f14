import AdapterSeam
import JSONBytes
import RewardModel
import RubricTree

/// What the ledger keeps of a session, and what a reply's breakdown says.
extension SessionScoring {
    var sessionRow: SessionRow {
        SessionRow(
            session: session,
            environment: attachment.environment,
            name: name,
            upstreamSession: upstreamSession,
            startedAt: startedAt
        )
    }

    func recordReset(_ episode: EpisodeInProgress) {
        var entries: [JournalEntry] = [.episode(episode.row(of: attachment.environment))]
        if name != nil { entries.append(.session(sessionRow)) }
        if attachment.recording == .full, let observation = episode.material.reset?.member("observation") {
            entries.append(
                .step(
                    StepRow(
                        episode: episode.key,
                        step: 0,
                        action: episode.material.resetRequest,
                        observation: observation,
                        state: episode.material.resetState
                    )
                )
            )
        }
        journal.record(entries)
    }

    func recordStep(_ exchange: StepExchange, _ episode: EpisodeInProgress) {
        guard attachment.recording == .full else { return }
        let row = StepRow(
            episode: episode.key,
            step: episode.steps,
            action: exchange.action,
            observation: exchange.observation,
            reward: exchange.reward,
            done: exchange.done,
            state: exchange.state
        )
        journal.record([.step(row)])
    }

    func recordToolListing(_ episode: EpisodeInProgress, at moment: Moment) {
        let slot = EpisodeInProgress.Slot(
            ticket: 0,
            step: episode.steps,
            isLast: false,
            holdsReply: false,
            environmentReward: nil,
            since: moment.instant
        )
        let result = ComponentResult(.unscored(.toolListing))
        journal.record([.outcome(outcomeRow(slot, result, episode, carried: nil, at: moment))])
    }

    /// - Parameter carried: what the client gets; nil when nothing reaches it.
    func outcomeRow(
        _ slot: EpisodeInProgress.Slot,
        _ result: ComponentResult,
        _ episode: EpisodeInProgress,
        carried: EpisodeFold.Carried?,
        at moment: Moment
    ) -> OutcomeRow {
        let unit = episode.binding.unit
        let isWholeEpisode = unit == .episode && slot.isLast
        let spent = slot.answeredAt.map { $0 - slot.since }
        return OutcomeRow(
            key: OutcomeKey(
                session: session,
                episode: episode.key.number,
                unit: unit,
                step: isWholeEpisode ? 0 : slot.step,
                version: episode.binding.version
            ),
            environment: attachment.environment,
            rubric: episode.binding.name,
            outcome: result.outcome,
            environmentReward: slot.environmentReward,
            delivery: carried == nil ? .none : .inline,
            delivered: carried.flatMap { wire($0, slot) },
            components: result.components,
            metrics: result.metrics,
            labels: result.labels,
            usable: !result.outcome.isFailed,
            mutable: episode.binding.isMutable,
            runTime: result.runTime,
            waitTime: spent.map { $0 - (result.runTime ?? .zero) },
            createdAt: moment.milliseconds
        )
    }

    private func wire(_ carried: EpisodeFold.Carried, _ slot: EpisodeInProgress.Slot) -> RawJSON? {
        switch carried {
        case .value(let value): RawJSON(number: value)
        case .null: RawJSON("null")
        case .environment: slot.environmentReward
        case .error: nil
        }
    }

    /// `metadata.rewardbridge` of the reply; nil unless asked for.
    func breakdown(
        _ slot: EpisodeInProgress.Slot,
        _ result: ComponentResult,
        _ episode: EpisodeInProgress
    ) -> RawJSON? {
        guard episode.binding.policy.breakdown else { return nil }
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("session_id")
        writer.string(session.description)
        writer.key("episode")
        writer.int(episode.key.number)
        writer.key("step")
        writer.int(slot.step)
        writer.key("rubric")
        writer.string(episode.binding.name)
        writer.key("version")
        writer.string(episode.binding.version.digest)
        writer.key("status")
        writer.string(result.outcome.status.rawValue)
        if let kind = result.outcome.kind {
            writer.key("kind")
            writer.string(kind.rawValue)
        }
        writer.key("rubric_scores")
        writer.scores(of: result, root: episode.binding.name)
        writer.key("tree")
        writer.tree(of: result, className: episode.binding.component.description.library.name)
        writer.endObject()
        return writer.finish()
    }
}

extension RawJSON {
    init(number: Double) {
        var writer = JSONWriter()
        writer.double(number)
        self = writer.finish()
    }
}

extension JSONWriter {
    /// `{name: number or null}`: the rubric's total under its own name, and the components that the library named.
    fileprivate mutating func scores(of result: ComponentResult, root: String) {
        beginObject()
        key(root)
        number(result.outcome.value)
        for part in result.components?.elements() ?? [] {
            guard let path = part.member("path")?.string() else { continue }
            key(path)
            number(part.member("value")?.double())
        }
        endObject()
    }

    /// The `RubricNode`s of OpenEnv's validation protocol (RFC 008), the root first; a rubric of which nothing is known
    /// but its score is one leaf.
    fileprivate mutating func tree(of result: ComponentResult, className: String) {
        if let tree = result.tree { return raw(tree) }
        beginArray()
        beginObject()
        key("name")
        string("root")
        key("class_name")
        string(className)
        key("children")
        beginArray()
        endArray()
        key("aggregation")
        string("leaf")
        key("config")
        beginObject()
        endObject()
        key("config_available")
        bool(false)
        key("score")
        number(result.outcome.value)
        key("evaluated")
        bool(result.outcome.value != nil)
        endObject()
        endArray()
    }

    private mutating func number(_ value: Double?) {
        if let value, value.isFinite { double(value) } else { null() }
    }
}
