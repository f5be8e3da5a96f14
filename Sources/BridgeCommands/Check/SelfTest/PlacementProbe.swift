import AdapterSeam
import RewardModel
import SelfTest
import WorkerRuntime

/// Says where a rubric ran, and within which walls.
struct PlacementProbe: Sendable {
    let workers: WorkerRuntime
    /// Of components that do not name their own.
    let runtime: RuntimeChoice
    let memoryMax: String?

    /// Of each component.
    func choices(of loaded: RubricLoader.Loaded) -> [RuntimeChoice] {
        loaded.spec.components.map { $0.runtime ?? runtime }
    }

    func probe(_ loaded: RubricLoader.Loaded) async -> Probe {
        let choices = choices(of: loaded)
        let isSandboxed = (try? await workers.isSandboxed()) ?? false
        let isOpen = choices.contains(.worker) && !isSandboxed
        let walls = choices.contains(.worker) ? [isOpen ? "no sandbox" : "bubblewrap", memory] : []
        let pythons = loaded.interpreters.compactMap { $0.map { "Python \($0.version)" } }
        let said = walls + Set(pythons).sorted() + embedding(loaded, choices)
        return Probe(.placement, isOpen ? .noted : .passed, figure(loaded, choices), said.joined(separator: ", "))
    }

    /// Components whose calls cannot be made on a second thread.
    func threadObstacles(of loaded: RubricLoader.Loaded) -> [(path: String, reason: String)] {
        zip(loaded.paths, choices(of: loaded)).enumerated().compactMap { position, each in
            let reason: String? =
                switch each.1 {
                case _ where loaded.parts[position].isAsynchronous: "asynchronous: its calls share one event loop"
                case .embedded: "embedded: its calls come on the main thread"
                case _ where loaded.spec.components[position].reference.isOwnProgram: "a program of its own"
                default: nil
                }
            return reason.map { (each.0, $0) }
        }
    }

    private var memory: String { memoryMax.map { "at most \($0)" } ?? "no memory limit" }

    private func figure(_ loaded: RubricLoader.Loaded, _ choices: [RuntimeChoice]) -> String {
        guard Set(choices).count > 1 else { return choices[0].rawValue }
        return zip(loaded.paths, choices).map { "\($0) \($1.rawValue)" }.joined(separator: ", ")
    }

    /// What can be said without an interpreter in this process, of components that declare themselves bounded.
    private func embedding(_ loaded: RubricLoader.Loaded, _ choices: [RuntimeChoice]) -> [String] {
        let bounded = choices.indices.filter { position in
            choices[position] == .worker
                && (loaded.parts[position].isBounded || loaded.spec.components[position].isBounded)
        }
        guard !bounded.isEmpty else { return [] }
        let hasLibrary = bounded.allSatisfy { loaded.interpreters[$0]?.libraries.isEmpty == false }
        return [
            hasLibrary
                ? "bounded: --runtime embedded tells whether it can be embedded"
                : "bounded, but its Python has no shared library to embed"
        ]
    }
}
