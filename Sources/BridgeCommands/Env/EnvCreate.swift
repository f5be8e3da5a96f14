import ArgumentParser
import BridgeConfig
import Foundation
import Glibc
import PythonEnvironments
import RewardModel
import WorkerRuntime

/// `rewardbridge env create`
struct EnvCreate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a virtual environment that holds the libraries of these adapters.",
        discussion: """
            With uv where it is on the path, else with the modules venv and pip. What they say goes to standard error. When \
            it fails, or is stopped by Ctrl-C, nothing is left.
            """
    )

    @Argument(help: "What rubrics call it.")
    var name: String

    @Option(
        name: .customLong("for"),
        help: ArgumentHelp("The adapters, separated by commas; see rewardbridge adapters.", valueName: "adapters")
    )
    var adapters: String

    @Option(
        help: ArgumentHelp(
            "Python that it is made from; else the first that fits: the active virtual environment's, python3, the newest "
                + "on the path.",
            valueName: "path or name"
        )
    )
    var python: String?

    @Flag(help: "Replace the one of this name.")
    var force = false

    @OptionGroup var place: StateArguments

    func run() async throws {
        let signal = try await UntilStopped.run { try await make() }
        if let signal {
            Terminal.note("rewardbridge: stopped, nothing is left of virtual environment '\(name)'")
            throw ExitCode(128 + signal)
        }
    }

    private func make() async throws {
        let options = try place.options()
        let store = options.virtualEnvironments
        let folder = try AdaptersFolder.find()
        let search = PythonSearch(named: python, store: store, timeout: options.worker.startTimeout)
        let plan = try await plan(search, folder)
        let maker = EnvironmentMaker(
            store,
            installer: Installer.find(path: ProcessInfo.processInfo.environment["PATH"] ?? ""),
            adapters: folder,
            timeout: options.worker.startTimeout,
            environment: ProcessInfo.processInfo.environment,
            tell: { Terminal.note("rewardbridge: \($0)") }
        )
        let record = try await maker.make(
            name,
            plan,
            python: try await search.fitting(plan, for: name),
            replacing: force,
            now: Date()
        )
        Terminal.print(
            "\(name): Python \(record.python), packages: \(record.packages.count), name it with python: \(name)"
        )
    }

    /// Any Python can read the catalogue.
    private func plan(_ search: PythonSearch, _ folder: String) async throws -> EnvironmentPlan {
        let reader = AdapterPython(
            executable: try await search.any().executable,
            adapters: folder,
            timeout: search.timeout
        )
        let names = adapters.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        return try await EnvironmentPlan(for: AdapterCatalogue.read(reader).adapters(named: names))
    }
}
