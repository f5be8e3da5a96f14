package import Foundation
import Glibc
import RewardModel
package import WorkerRuntime

/// Makes virtual environments.
package struct EnvironmentMaker: Sendable {
    private let store: EnvironmentStore
    private let installer: Installer
    /// The folder that holds the package `rewardbridge`.
    private let adapters: String
    private let timeout: Duration
    /// Variables of the programs that install.
    private let variables: [String: String]
    private let tell: @Sendable (String) -> Void

    /// - Parameters:
    ///   - adapters: the folder that holds the package `rewardbridge`.
    ///   - timeout: for looking at what was made; installing takes as long as it takes.
    ///   - environment: the bridge's own.
    ///   - tell: called with each step before it begins.
    package init(
        _ store: EnvironmentStore,
        installer: Installer,
        adapters: String,
        timeout: Duration,
        environment: [String: String],
        tell: @escaping @Sendable (String) -> Void
    ) {
        self.store = store
        self.installer = installer
        self.adapters = adapters
        self.timeout = timeout
        // They would lead the new environment's pip to packages of another one.
        variables = environment.filter { !["PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"].contains($0.key) }
        self.tell = tell
    }

    /// Makes one and records what it holds. What the programs print goes to standard error.
    ///
    /// When it fails or its task is cancelled nothing is left of it, but for a process that is killed itself.
    /// - Parameter replacing: removes one of this name before.
    /// - Throws: ``BridgeError``; `CancellationError`.
    package func make(
        _ name: String,
        _ plan: EnvironmentPlan,
        python: PythonInterpreter,
        replacing: Bool,
        now: Date
    ) async throws -> EnvironmentRecord {
        if let objection = plan.objection(to: python.version) { throw unfit(name, python, objection) }
        let lock = try store.claim(name, replacing: replacing)
        defer { withExtendedLifetime(lock) {} }
        do {
            for step in installer.steps(plan, python: python.executable, folder: store.path(of: name)) {
                try await run(step, for: name)
            }
            let record = EnvironmentRecord(
                name: name,
                plan: plan,
                installed: try await look(name, plan),
                createdAt: now
            )
            try store.write(record)
            return record
        } catch {
            try store.discard(name)
            throw error
        }
    }

    private func run(_ step: Installer.Step, for name: String) async throws {
        tell(step.announcement)
        // See man 2 fcntl. Standard output is for data: what pip prints there is talk.
        let talk = Descriptor(owning: fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3))
        let status = try await ChildProcess.run(
            ChildCommand(
                .worker,
                executable: step.executable,
                arguments: step.arguments,
                environment: variables,
                output: talk,
                error: talk
            )
        )
        try Task.checkCancellation()
        guard status == .exited(0) else {
            throw BridgeError(
                .python,
                "could not make virtual environment '\(name)': \(installer.name) ended with \(status)",
                hint: "what it said is above; adapters that do not go together need an environment each"
            )
        }
    }

    private func look(_ name: String, _ plan: EnvironmentPlan) async throws -> InstalledPackages {
        let python = AdapterPython(executable: store.python(of: name), adapters: adapters, timeout: timeout)
        let installed = try await InstalledPackages.read(python, adapters: plan.names)
        guard let failure = installed.loadFailures.first else { return installed }
        throw BridgeError(.python, "could not make virtual environment '\(name)': \(failure)")
    }

    private func unfit(_ name: String, _ python: PythonInterpreter, _ objection: String) -> BridgeError {
        BridgeError(
            .configuration,
            "could not make virtual environment '\(name)': \(objection), and '\(python.executable)' is \(python.version)",
            hint: "name another with --python, for example --python python3.12"
        )
    }
}
