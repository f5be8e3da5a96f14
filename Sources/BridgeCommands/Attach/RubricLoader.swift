import AdapterSeam
import BridgeConfig
import Foundation
import Logging
import RewardModel
import VersionStore
import WorkerRuntime

/// Makes a version of a rubric and loads it.
struct RubricLoader: Sendable {
    let store: VersionStore
    let runtime: any ComponentRuntime
    /// The folder that holds the Python package `rewardbridge`.
    let adapters: String
    let probeTimeout: Duration
    let logger: Logger

    struct Loaded: Sendable {
        let spec: RubricSpec
        let version: RubricVersion
        let component: any LoadedComponent
        let python: String
        let pythonVersion: String

        var name: String { spec.name }
        var range: ScoreRange? { spec.tree.range }
    }

    /// - Parameter python: of the attachment or the command line; the rubric file's goes before it.
    /// - Throws: ``BridgeError`` that says why the rubric is not served.
    func load(_ source: RubricSource, python: String?) async throws -> Loaded {
        let spec = try source.load()
        let leaf = try Self.onlyComponent(of: spec)
        let executable = try PythonChoice.executable(named: leaf.python ?? python)
        let interpreter = try await PythonInterpreter.probe(
            executable: executable,
            environment: ProcessInfo.processInfo.environment,
            timeout: probeTimeout
        )
        let request = VersionRequest(
            spec: spec,
            adapters: try store.digest(ofPackage: "\(adapters)/rewardbridge"),
            pythonVersion: interpreter.version,
            placement: .worker
        )
        let manifest = try store.store(request, now: WallClock.milliseconds())
        try store.verify(manifest.version)
        let component = try await runtime.load(
            ComponentSource(
                reference: leaf.reference,
                settings: leaf.settings,
                root: store.root(of: manifest.version),
                python: executable,
                environment: leaf.environment,
                network: leaf.network,
                expected: try store.distributions(of: manifest.version)
            )
        )
        try store.record(distributions: component.description.distributions, for: manifest.version)
        logger.info("rubric '\(spec.name)' is loaded, version \(manifest.version.short)")
        return Loaded(
            spec: spec,
            version: manifest.version,
            component: component,
            python: executable,
            pythonVersion: interpreter.version
        )
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
