import BridgeConfig
import PythonEnvironments
import RewardModel

/// What the doctor says of the virtual environments that the bridge made.
struct VirtualEnvironmentChecks {
    let options: BridgeOptions

    func run() async -> [Finding] {
        let store = options.virtualEnvironments
        var findings: [Finding] = []
        for name in store.names {
            let subject = "virtual environment \(name)"
            switch store.condition(of: name) {
            case .ready(let record): findings.append(await check(record, in: store, subject))
            case .inTheMaking: findings.append(.warning(subject, "it is being made", hint: "wait for it"))
            case .broken: findings.append(.problem(subject, halfMade(name)))
            }
        }
        return findings
    }

    private func check(_ record: EnvironmentRecord, in store: EnvironmentStore, _ subject: String) async -> Finding {
        do {
            let python = AdapterPython(
                executable: store.python(of: record.name),
                adapters: try AdaptersFolder.find(),
                timeout: options.worker.startTimeout
            )
            let installed = try await InstalledPackages.read(python, adapters: record.adapters)
            let faults = record.differences(from: installed) + installed.loadFailures
            guard faults.isEmpty else { return .problem(subject, broken(record, faults.joined(separator: ", "))) }
            let adapters = record.adapters.joined(separator: ", ")
            return .good(
                subject,
                "Python \(installed.python), adapters: \(adapters), packages: \(record.packages.count)"
            )
        } catch let error as BridgeError {
            return .problem(subject, broken(record, error.message))
        } catch {
            return .problem(subject, broken(record, "\(error)"))
        }
    }

    private func broken(_ record: EnvironmentRecord, _ reason: String) -> BridgeError {
        BridgeError(.python, reason, hint: "make it anew with: \(record.recipe)")
    }

    private func halfMade(_ name: String) -> BridgeError {
        BridgeError(
            .python,
            "it is half-made",
            hint: "make it anew with: rewardbridge env create \(name) --for ADAPTER --force, or remove it with: "
                + "rewardbridge env remove \(name)"
        )
    }
}
