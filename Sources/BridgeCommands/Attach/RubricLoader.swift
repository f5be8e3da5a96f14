import AdapterSeam
import BridgeConfig
import Logging
import RewardModel
import Scoring
import VersionStore
import WorkerRuntime

/// Makes a version of a rubric and loads it.
struct RubricLoader: Sendable {
    let store: VersionStore
    let workers: any ComponentRuntime
    let embedded: any ComponentRuntime
    /// The folder that holds the Python package `rewardbridge`.
    let adapters: String
    let probeTimeout: Duration
    let logger: Logger

    struct Loaded: Sendable {
        let spec: RubricSpec
        let version: RubricVersion
        let component: any LoadedComponent
        /// nil: the rubric is a program of its own.
        let interpreter: PythonInterpreter?

        var name: String { spec.name }
        var range: ScoreRange? { spec.tree.range }
    }

    /// - Parameter python: of the attachment or the command line; the rubric file's goes before it.
    /// - Throws: ``BridgeError`` that says why the rubric is not served.
    func load(_ source: RubricSource, python: String?, runtime: RuntimeChoice) async throws -> Loaded {
        let spec = try source.load()
        let leaf = try Self.onlyComponent(of: spec)
        let interpreter = leaf.reference.isOwnProgram ? nil : try await interpreter(named: leaf.python ?? python)
        let request = VersionRequest(
            spec: spec,
            adapters: try interpreter.map { _ in try store.digest(ofPackage: "\(adapters)/rewardbridge") },
            pythonVersion: interpreter?.version,
            placement: runtime.placement
        )
        let manifest = try store.store(request, now: WallClock.milliseconds())
        try store.verify(manifest.version)
        let component = try await load(
            ComponentSource(
                reference: leaf.reference,
                settings: leaf.settings,
                root: store.root(of: manifest.version),
                python: interpreter?.executable ?? "",
                environment: leaf.environment,
                network: leaf.network,
                expected: try store.distributions(of: manifest.version)
            ),
            leaf,
            runtime
        )
        try store.record(distributions: component.description.distributions, for: manifest.version)
        logger.info("rubric '\(spec.name)' is loaded, version \(manifest.version.short)")
        return Loaded(
            spec: spec,
            version: manifest.version,
            component: component,
            interpreter: interpreter
        )
    }

    private func interpreter(named name: String?) async throws -> PythonInterpreter {
        let executable = try PythonChoice.executable(named: name)
        return try await PythonInterpreter.probe(executable: executable, timeout: probeTimeout)
    }

    private func load(
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

    private static func onlyComponent(of spec: RubricSpec) throws -> RubricComponent {
        guard case .component(let component) = spec.tree.content else {
            throw unavailable(spec, "it combines several components")
        }
        let node = spec.tree
        guard
            node.weight == 1, node.role == .reward, node.clip == nil, node.scale == nil, node.discount == nil,
            node.timeout == nil
        else { throw unavailable(spec, "it sets weight, role, clip, scale, discount or timeout") }
        return component
    }

    private static func unavailable(_ spec: RubricSpec, _ what: String) -> BridgeError {
        BridgeError(
            .configuration,
            "could not attach rubric '\(spec.name)': \(what), which this version reads but does not run",
            hint: "attach a single component without these settings"
        )
    }
}
