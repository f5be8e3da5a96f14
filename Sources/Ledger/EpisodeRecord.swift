import JSONBytes
import RewardModel

/// An episode as an `evalrec/1` record: its steps where they were kept, and its outcomes under `prior_scores`.
struct EpisodeRecord {
    var episode: EpisodeRow
    var steps: [StepRow]
    var outcomes: [OutcomeRow]

    var json: RawJSON {
        var writer = JSONWriter(capacity: 4096)
        writer.beginObject()
        writer.member("schema", "evalrec/1")
        writer.member("id", episode.key.description)
        writer.key("task")
        writer.beginObject()
        writer.member("env", episode.environment)
        writer.endObject()
        // Environments do not say whether their rewards add up.
        writer.member("reward_semantics", "unknown")
        writeSteps(to: &writer)
        writeFinish(to: &writer)
        writer.key("prior_scores")
        writer.beginArray()
        for outcome in outcomes { writer.write(outcome, recordID: episode.key.description) }
        writer.endArray()
        writeSource(to: &writer)
        writer.endObject()
        return writer.finish()
    }

    private func writeSteps(to writer: inout JSONWriter) {
        guard !steps.isEmpty else { return }
        writer.key("steps")
        writer.beginArray()
        for step in steps { writer.write(step) }
        writer.endArray()
    }

    private func writeFinish(to writer: inout JSONWriter) {
        guard let end = episode.end else { return }
        writer.key("finish")
        writer.beginObject()
        writer.member("reason", end.rawValue)
        writer.key("completed")
        writer.bool(end == .done)
        writer.key("truncated")
        writer.bool(end != .done)
        writer.endObject()
    }

    private func writeSource(to writer: inout JSONWriter) {
        writer.key("source")
        writer.beginObject()
        writer.member("format", "rewardbridge-ledger")
        writer.key("raw")
        writer.beginObject()
        writer.member("session", episode.key.session.description)
        writer.key("episode")
        writer.int(episode.key.number)
        writer.member("episode_id", episode.episodeID)
        writer.member("name", episode.name)
        writer.member("version", episode.version?.digest)
        writer.key("started_at")
        writer.int(Int(episode.startedAt))
        writer.member("ended_at", episode.endedAt.map(Int.init))
        writer.key("step_count")
        writer.int(episode.steps)
        writer.key("usable")
        writer.bool(episode.usable)
        writer.key("undelivered")
        writer.bool(episode.undelivered)
        writer.endObject()
        writer.endObject()
    }
}

extension JSONWriter {
    /// Steps look as they do in the records that live rubrics get; the reset is step 0, without an action.
    fileprivate mutating func write(_ step: StepRow) {
        let isReset = step.step == 0
        beginObject()
        key("index")
        int(step.step)
        key("action")
        if !isReset, let action = step.action { raw(action) } else { null() }
        key("observation")
        raw(step.observation)
        if !isReset { member("reward", step.reward) }
        key("done")
        bool(step.done)
        member("state", step.state)
        if isReset, let request = step.action {
            key("info")
            beginObject()
            member("reset_request", request)
            endObject()
        }
        endObject()
    }

    /// A ScoreResult, and under `recorded` what else the row says.
    fileprivate mutating func write(_ row: OutcomeRow, recordID: String) {
        beginObject()
        member("record_id", recordID)
        key("scorer")
        beginObject()
        member("name", row.rubric)
        member("spec_hash", row.key.version.digest)
        endObject()
        member("status", row.outcome.status.rawValue)
        key("reward")
        if let value = row.outcome.value { double(value) } else { null() }
        key("usable")
        bool(row.usable)
        writeFailure(row.outcome)
        member("components", row.components)
        member("metrics", row.metrics)
        member("labels", row.labels)
        writeTiming(row)
        writeRecorded(row)
        endObject()
    }

    private mutating func writeRecorded(_ row: OutcomeRow) {
        key("recorded")
        beginObject()
        member("unit", row.key.unit.rawValue)
        key("step")
        int(row.key.step)
        member("component", row.key.component)
        member("kind", row.key.kind.rawValue)
        key("mutable")
        bool(row.mutable)
        member("environment_reward", row.environmentReward)
        member("delivery", row.delivery.rawValue)
        member("delivered", row.delivered)
        member("weight", row.weight)
        member("created_at", Int(row.createdAt))
        member("source", row.source)
        endObject()
    }

    private mutating func writeFailure(_ outcome: Outcome) {
        guard let kind = outcome.kind else { return }
        key("failure")
        beginObject()
        member("kind", kind.rawValue)
        member("message", outcome.text)
        endObject()
    }

    private mutating func writeTiming(_ row: OutcomeRow) {
        guard row.runTime != nil || row.waitTime != nil else { return }
        key("timing")
        beginObject()
        member("run_s", row.runTime.map { $0 / .seconds(1) })
        member("queue_s", row.waitTime.map { $0 / .seconds(1) })
        endObject()
    }

    fileprivate mutating func member(_ name: String, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }

    fileprivate mutating func member(_ name: String, _ value: Int?) {
        guard let value else { return }
        key(name)
        int(value)
    }

    private mutating func member(_ name: String, _ value: Double?) {
        guard let value else { return }
        key(name)
        double(value)
    }

    private mutating func member(_ name: String, _ value: RawJSON?) {
        guard let value else { return }
        key(name)
        raw(value)
    }
}
