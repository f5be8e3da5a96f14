import ArgumentParser
import Ledger
import RewardModel

/// `rewardbridge sessions export`
struct SessionsExport: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Episodes as evalrec/1 records, one JSON object a line.",
        discussion: "Actions and observations are there for what was recorded with ledger.record: full."
    )

    @OptionGroup var ledger: LedgerArguments

    @Argument(help: "Only this session.")
    var session: String?

    @Flag(help: "The only format; for symmetry with the other verbs.")
    var json = false

    func run() async throws {
        let id = try session.map { text in
            guard let id = SessionID(text) else {
                throw BridgeError(
                    .configuration,
                    "could not read session '\(text)': not an id",
                    hint: "see rewardbridge sessions list"
                )
            }
            return id
        }
        let count = try await LedgerExport(ledger.open()).run(session: id) { Terminal.print($0) }
        Terminal.note("\(count) episode\(count == 1 ? "" : "s")")
    }
}
