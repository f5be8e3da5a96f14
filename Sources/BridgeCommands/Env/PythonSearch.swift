import Foundation
import PythonEnvironments
import RewardModel
import WorkerRuntime

/// Finds the Python that a virtual environment is made from.
struct PythonSearch {
    /// nil: any that fits.
    let named: String?
    let store: EnvironmentStore
    let timeout: Duration

    /// The first that runs.
    /// - Throws: ``BridgeError`` (`.python`) when none does.
    func any() async throws -> PythonInterpreter {
        let candidates = try candidates()
        for path in candidates.dropLast() {
            if let found = try? await PythonInterpreter.probe(executable: path, timeout: timeout) { return found }
        }
        return try await PythonInterpreter.probe(executable: candidates.last ?? "python3", timeout: timeout)
    }

    /// The first that the plan's adapters run with; the one that is named, whether or not they do.
    /// - Throws: ``BridgeError`` (`.python`) when there is none.
    func fitting(_ plan: EnvironmentPlan, for name: String) async throws -> PythonInterpreter {
        guard named == nil else { return try await any() }
        // One of each version is told.
        var seen: [String: String] = [:]
        for path in try candidates() {
            guard let found = try? await PythonInterpreter.probe(executable: path, timeout: timeout) else { continue }
            guard let objection = plan.objection(to: found.version) else { return found }
            seen[found.version] = seen[found.version] ?? "\(path) is \(found.version), and \(objection)"
        }
        let told = seen.sorted { $0.key < $1.key }.map(\.value).joined(separator: "; ")
        throw BridgeError(
            .python,
            "could not make virtual environment '\(name)': no Python fits: \(told)",
            hint: "install one that does, and name it with --python, for example --python python3.12"
        )
    }

    private func candidates() throws -> [String] {
        if named != nil { return [try PythonChoice.executable(named: named, in: store)] }
        let usual = try? PythonChoice.executable(named: nil, in: store)
        let all = (usual.map { [$0] } ?? []) + PythonChoice.versionsOnPath()
        guard !all.isEmpty else { return [try PythonChoice.executable(named: nil, in: store)] }
        return all
    }
}
