import ArgumentParser
import BridgeConfig

/// Writes the files that are made from the code.
struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a reference that is generated from the code.",
        shouldDisplay: false
    )

    enum Subject: String, ExpressibleByArgument, CaseIterable {
        case configuration
    }

    @Argument var subject: Subject

    func run() {
        switch subject {
        case .configuration: Terminal.print(ConfigManual.markdown().dropLast())
        }
    }
}
