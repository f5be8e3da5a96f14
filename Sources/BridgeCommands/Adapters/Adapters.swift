import ArgumentParser
import BridgeConfig
import PythonEnvironments
import RewardModel

/// `rewardbridge adapters`
struct Adapters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the adapters, what each needs, and what of it is installed.",
        discussion: """
            Examples:
              rewardbridge adapters
              rewardbridge adapters --python .venv --json

            LIVE says what it takes to score while the environment runs: nothing, task data, or a recording (offline).
            """
    )

    @Option(help: ArgumentHelp("Python or virtual environment that is asked.", valueName: "path or name"))
    var python: String?

    @OptionGroup var place: StateArguments

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        let options = try place.options()
        let python = AdapterPython(
            executable: try PythonChoice.executable(named: python, in: options.virtualEnvironments),
            adapters: try AdaptersFolder.find(),
            timeout: options.worker.startTimeout
        )
        let catalogue = try await AdapterCatalogue.read(python)
        guard !json else { return catalogue.adapters.forEach { Terminal.print($0.json) } }
        var table = TextTable(
            "NAME",
            "LIBRARY",
            "UNITS",
            "LIVE",
            "RUNS IN",
            "PYTHON",
            "TESTED",
            "INSTALLED",
            "REQUIRES"
        )
        for adapter in catalogue.adapters { table.add(adapter) }
        Terminal.print(table.text)
        Terminal.note("rewardbridge: installed in Python \(catalogue.python) at \(python.executable)")
    }
}

extension TextTable {
    fileprivate mutating func add(_ adapter: AdapterEntry) {
        guard let about = adapter.about else {
            return add(adapter.name, "installed from elsewhere", "-", "-", "-", "-", "-", "-", "-")
        }
        let requirements = about.requirements + about.withoutDependencies.map { "\($0) (without dependencies)" }
        add(
            adapter.name,
            about.library,
            about.units.joined(separator: ", "),
            about.live,
            about.isEmbeddable ? "worker, embedded" : "worker",
            about.python.description,
            about.tested.isEmpty ? "-" : about.tested,
            about.installed ?? "-",
            requirements.isEmpty ? "-" : requirements.joined(separator: ", ")
        )
    }
}
