import ArgumentParser
import BridgeConfig
import Ledger

/// `rewardbridge sessions`
struct Sessions: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read what was recorded: sessions, episodes, outcomes.",
        discussion: """
            Works while the bridge serves; what it shows was committed.

            Examples:
              rewardbridge sessions list
              rewardbridge sessions show 0193f7c2-8a5e-7b1c-9d33-2f6a1c0e4b7d
              rewardbridge sessions export --json > records.jsonl
            """,
        subcommands: [SessionsList.self, SessionsShow.self, SessionsExport.self],
        defaultSubcommand: SessionsList.self
    )
}

/// Where the ledger is.
struct LedgerArguments: ParsableArguments {
    @OptionGroup var place: StateArguments

    func open() throws -> LedgerReader {
        try LedgerReader(path: place.options().ledgerPath)
    }
}
