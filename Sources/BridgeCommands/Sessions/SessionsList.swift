import ArgumentParser
import JSONBytes
import Ledger
import RewardModel

/// `rewardbridge sessions list`
struct SessionsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Sessions, newest first.")

    @OptionGroup var ledger: LedgerArguments

    @Option(help: "Only sessions of this environment.")
    var environment: String?

    @Option(help: "Only sessions of this name.")
    var name: String?

    @Option(help: "Only sessions with an episode of this id.")
    var episodeID: String?

    @Option(help: "At most this many.")
    var limit = 100

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        let query = SessionQuery(environment: environment, name: name, episodeID: episodeID, limit: limit)
        let sessions = try await ledger.open().sessions(query)
        guard !json else { return sessions.forEach { Terminal.print($0.json) } }
        var table = TextTable("SESSION", "STARTED", "ENVIRONMENT", "NAME", "EPISODES", "SCORED", "UNSCORED", "FAILED")
        for session in sessions {
            table.add(
                session.row.session.description,
                TimeText.text(session.row.startedAt),
                session.row.environment,
                session.row.name ?? "",
                "\(session.episodes)",
                "\(session.scored)",
                "\(session.unscored)",
                "\(session.failed)"
            )
        }
        Terminal.print(table.text)
    }
}

extension SessionSummary {
    var json: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("session", row.session.description)
        writer.member("environment", row.environment)
        writer.member("name", row.name)
        writer.member("upstream_session", row.upstreamSession)
        writer.member("started_at", TimeText.text(row.startedAt))
        writer.member("ended_at", row.endedAt.map(TimeText.text))
        writer.member("episodes", episodes)
        writer.member("scored", scored)
        writer.member("unscored", unscored)
        writer.member("failed", failed)
        writer.endObject()
        return writer.finish()
    }
}
