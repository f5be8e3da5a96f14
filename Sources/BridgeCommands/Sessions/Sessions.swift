import ArgumentParser
import BridgeConfig
import Foundation
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
    @Option(help: ArgumentHelp("Folder that the bridge keeps its state in.", valueName: "folder"))
    var state = BridgeOptions().state

    @Option(help: ArgumentHelp("Configuration file, if it names the folder or the ledger.", valueName: "bridge.yaml"))
    var config: String?

    func open() throws -> LedgerReader {
        var options = try config.map { try BridgeOptions(reading: $0) } ?? BridgeOptions()
        if config == nil { options.state = URL(fileURLWithPath: state).path }
        return try LedgerReader(path: options.ledgerPath)
    }
}
