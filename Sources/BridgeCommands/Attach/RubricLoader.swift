import AdapterSeam
import BridgeConfig
import Logging
import RewardModel
import RubricTree
import Scoring
import VersionStore
import WorkerRuntime

/// Makes a version of a rubric and loads it.
struct RubricLoader: Sendable {
    let store: VersionStore
    let components: ComponentLoader
    /// The folder that holds the Python package `rewardbridge`.
    let adapters: String
    let logger: Logger

    struct Loaded: Sendable {
        let spec: RubricSpec
        let version: RubricVersion
        let component: any LoadedComponent
        /// What each component says of itself.
        let parts: [ComponentDescription]
        /// Of each component; nil for a program of its own.
        let interpreters: [PythonInterpreter?]

        var name: String { spec.name }
        /// More than one component, or one whose value a node clips, scales or gives less time.
        var isTree: Bool { !spec.tree.isPlainComponent }
        /// The range that the rubric file gives to the whole, unless the tree itself holds its value to it.
        var range: ScoreRange? { isTree ? nil : spec.tree.range }
        /// Parts of it may change under the same version.
        var isMutable: Bool {
            component.description.isMutable || spec.components.contains { !$0.judges.isEmpty }
        }
        var credit: Credit? { spec.tree.credit.map { Credit($0, discount: spec.tree.discount ?? 1) } }
    }

    /// - Parameter python: of the attachment or the command line; the rubric file's goes before it.
    /// - Throws: ``BridgeError`` that says why the rubric is not served.
    func load(_ source: RubricSource, python: String?, runtime: RuntimeChoice) async throws -> Loaded {
        let spec = try source.load()
        var interpreters: [PythonInterpreter?] = []
        for leaf in spec.components { interpreters.append(try await components.interpreter(of: leaf, or: python)) }
        let needsAdapters = interpreters.contains { $0 != nil }
        let request = VersionRequest(
            spec: spec,
            adapters: needsAdapters ? try store.digest(ofPackage: "\(adapters)/rewardbridge") : nil,
            pythonVersion: Self.pythonVersions(interpreters),
            placement: runtime.placement
        )
        let version = try store.store(request, now: WallClock.milliseconds()).version
        try store.verify(version)
        let parts = try await loadParts(of: spec, version, interpreters, runtime)
        do {
            let component = try spec.tree.isPlainComponent ? parts[0] : CompositeComponent(spec.tree, parts)
            logger.info("rubric '\(spec.name)' is loaded, version \(version.short)")
            return Loaded(
                spec: spec,
                version: version,
                component: component,
                parts: parts.map(\.description),
                interpreters: interpreters
            )
        } catch {
            for part in parts { await part.retire() }
            throw error
        }
    }

    private func loadParts(
        of spec: RubricSpec,
        _ version: RubricVersion,
        _ interpreters: [PythonInterpreter?],
        _ runtime: RuntimeChoice
    ) async throws -> [any LoadedComponent] {
        var parts: [any LoadedComponent] = []
        do {
            for (number, leaf) in spec.components.enumerated() {
                let source = ComponentSource(
                    reference: leaf.reference,
                    settings: leaf.settings,
                    root: store.root(of: version),
                    python: interpreters[number]?.executable ?? "",
                    environment: leaf.environment,
                    variables: try await components.judges.variables(of: leaf),
                    concurrency: leaf.concurrency,
                    network: leaf.network,
                    expected: try store.distributions(ofComponent: number, of: version)
                )
                let part = try await components.load(source, leaf, leaf.runtime ?? runtime)
                parts.append(part)
                try store.record(distributions: part.description.distributions, ofComponent: number, of: version)
            }
            return parts
        } catch {
            for part in parts { await part.retire() }
            throw error
        }
    }

    /// One for all, or one for each component.
    private static func pythonVersions(_ interpreters: [PythonInterpreter?]) -> String? {
        let versions = interpreters.map { $0?.version ?? "" }
        guard Set(versions).count > 1 else { return interpreters[0]?.version }
        return versions.joined(separator: ",")
    }
}

extension RubricNode {
    /// A component with nothing to do to its value.
    fileprivate var isPlainComponent: Bool {
        guard case .component = content else { return false }
        return clip == nil && scale == nil && timeout == nil
    }
}
