import AdapterSeam
import Logging
import PythonEnvironments
import RewardModel
import Scoring
import WorkerRuntime

/// Loads a rubric's components where they are to run.
struct ComponentLoader: Sendable {
    let workers: WorkerRuntime
    let embedded: any ComponentRuntime
    let judges: Judges
    let environments: EnvironmentStore
    let probeTimeout: Duration
    let logger: Logger

    /// - Parameter python: of the attachment or the command line; the component's own goes before it.
    /// - Returns: nil for a program of its own.
    func interpreter(of leaf: RubricComponent, or python: String?) async throws -> PythonInterpreter? {
        guard !leaf.reference.isOwnProgram else { return nil }
        let executable = try PythonChoice.executable(named: leaf.python ?? python, in: environments)
        return try await PythonInterpreter.probe(executable: executable, timeout: probeTimeout)
    }

    func load(
        _ source: ComponentSource,
        _ leaf: RubricComponent,
        _ runtime: RuntimeChoice
    ) async throws -> any LoadedComponent {
        guard runtime == .embedded else { return try await workers.load(source) }
        guard !leaf.reference.isOwnProgram else {
            throw BridgeError(
                .configuration,
                "could not embed '\(leaf.reference)': it is a program of its own",
                hint: "run it in workers (--runtime worker)"
            )
        }
        guard leaf.judges.isEmpty else {
            throw BridgeError(
                .configuration,
                "could not embed '\(leaf.reference)': it asks judges, and the variables of a process are everybody's",
                hint: "run it in workers (runtime: worker)"
            )
        }
        let component = try await embedded.load(source)
        guard leaf.isBounded || component.description.isBounded else {
            await component.retire()
            throw BridgeError(
                .configuration,
                "could not embed '\(leaf.reference)': it does not declare that its calls are short and always return",
                hint: "write bounded: true into the rubric file or @rubric(bounded=True) into the code, or run it in "
                    + "workers (--runtime worker)"
            )
        }
        guard leaf.isPlacementFree || component.description.isPlacementFree else { return component }
        return MovableComponent(component, thenIn: .worker, logger: logger) { [workers] in
            try await workers.load(source)
        }
    }
}
