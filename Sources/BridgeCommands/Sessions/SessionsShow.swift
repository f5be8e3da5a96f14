import ArgumentParser
import JSONBytes
import Ledger
import RewardModel

/// `rewardbridge sessions show`
struct SessionsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "One session: its episodes, and the outcome of each step."
    )

    @OptionGroup var ledger: LedgerArguments

    @Argument(help: "Its id; `last` is the newest.")
    var session: String

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let reader = try ledger.open()
        let found = try await find(in: reader)
        let episodes = try await reader.episodes(of: found.row.session)
        let outcomes = try await reader.outcomes(of: found.row.session, episode: nil)
        if json {
            Terminal.print(document(found, episodes, outcomes))
        } else {
            show(found, episodes, outcomes)
        }
    }

    private func find(in reader: LedgerReader) async throws -> SessionSummary {
        let found: SessionSummary?
        if session == "last" {
            found = try await reader.sessions(SessionQuery(limit: 1)).first
        } else {
            guard let id = SessionID(session) else {
                throw BridgeError(
                    .configuration,
                    "could not read session '\(session)': not an id",
                    hint: "see rewardbridge sessions list"
                )
            }
            found = try await reader.session(id)
        }
        guard let found else {
            throw BridgeError(
                .storage,
                "could not find session '\(session)' in the ledger",
                hint: "see rewardbridge sessions list"
            )
        }
        return found
    }

    private func show(_ session: SessionSummary, _ episodes: [EpisodeRow], _ outcomes: [OutcomeRow]) {
        let name = session.row.name.map { ", named '\($0)'" } ?? ""
        Terminal.print("session \(session.row.session) on '\(session.row.environment)'\(name)")
        Terminal.print("started \(TimeText.text(session.row.startedAt))\n")
        var table = TextTable("EPISODE", "STEP", "OUTCOME", "REWARD", "DELIVERED", "RUBRIC", "VERSION", "TIME")
        for outcome in outcomes {
            table.add(
                "\(outcome.key.episode)",
                outcome.key.step == 0 ? "all" : "\(outcome.key.step)",
                outcome.label,
                outcome.outcome.value.map { "\($0)" } ?? "-",
                outcome.delivery == .none ? "none" : outcome.delivered?.text ?? "error",
                outcome.rubric,
                outcome.key.version.short,
                outcome.runTime.map { "\(Int($0 / .microseconds(1))) us" } ?? "-"
            )
        }
        Terminal.print(table.text)
        for episode in episodes { Terminal.print("\n" + episode.summary) }
    }

    private func document(
        _ session: SessionSummary,
        _ episodes: [EpisodeRow],
        _ outcomes: [OutcomeRow]
    ) -> RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("session", session.json)
        writer.key("episodes")
        writer.beginArray()
        for episode in episodes { writer.raw(episode.json) }
        writer.endArray()
        writer.key("outcomes")
        writer.beginArray()
        for outcome in outcomes { writer.raw(outcome.json) }
        writer.endArray()
        writer.endObject()
        return writer.finish()
    }
}

extension OutcomeRow {
    /// `scored`, `credit: scored`
    fileprivate var label: String {
        key.kind == .live ? outcome.label : "\(key.kind.rawValue): \(outcome.label)"
    }
}

extension EpisodeRow {
    var summary: String {
        let ended = end.map { "ended: \($0.rawValue)" } ?? "open"
        let score = score.map { $0.value.map { "score \($0)" } ?? $0.label } ?? "no score yet"
        let marks = (usable ? "" : ", not usable") + (undelivered ? ", undelivered" : "")
        let name = "episode \(key.number)" + (episodeID.map { " '\($0)'" } ?? "")
        return "\(name): \(steps) step\(steps == 1 ? "" : "s"), \(ended), \(score)\(marks)"
    }

    var json: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("episode", key.number)
        writer.member("episode_id", episodeID)
        writer.member("name", name)
        writer.member("version", version?.digest)
        writer.member("started_at", TimeText.text(startedAt))
        writer.member("ended_at", endedAt.map(TimeText.text))
        writer.member("end", end?.rawValue)
        writer.member("steps", steps)
        writer.member("status", score?.status.rawValue ?? OutcomeStatus.pending.rawValue)
        writer.member("score", score?.value)
        writer.member("kind", score?.kind?.rawValue)
        writer.member("usable", usable)
        writer.member("undelivered", undelivered)
        writer.endObject()
        return writer.finish()
    }
}

extension OutcomeRow {
    var json: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("episode", key.episode)
        writer.member("unit", key.unit.rawValue)
        writer.member("step", key.step)
        writer.member("rubric", rubric)
        writer.member("version", key.version.digest)
        writer.member("component", key.component)
        writer.member("purpose", key.kind.rawValue)
        writer.member("source", source)
        writer.member("status", outcome.status.rawValue)
        writer.member("reward", outcome.value)
        writer.member("kind", outcome.kind?.rawValue)
        writer.member("message", outcome.text)
        writer.member("delivery", delivery.rawValue)
        writer.member("delivered", delivered)
        writer.member("environment_reward", environmentReward)
        writer.member("components", components)
        writer.member("metrics", metrics)
        writer.member("labels", labels)
        writer.member("usable", usable)
        writer.member("mutable", mutable)
        writer.member("run_us", runTime.map { $0 / .microseconds(1) })
        writer.member("wait_us", waitTime.map { $0 / .microseconds(1) })
        writer.member("created_at", TimeText.text(createdAt))
        writer.endObject()
        return writer.finish()
    }
}
