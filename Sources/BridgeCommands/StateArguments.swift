import ArgumentParser
import BridgeConfig
import Foundation

/// Where the bridge keeps its state.
struct StateArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Folder that the bridge keeps its state in.", valueName: "folder"))
    var state: String?

    @Option(help: ArgumentHelp("Configuration file, if it names the folder.", valueName: "bridge.yaml"))
    var config: String?

    /// The options in force; paths in them are absolute.
    /// - Throws: ``BridgeError`` (`.configuration`).
    func options() throws -> BridgeOptions {
        var options = try config.map { try BridgeOptions(reading: $0) } ?? BridgeOptions()
        options.state = URL(fileURLWithPath: state ?? options.state).path
        return options
    }
}
