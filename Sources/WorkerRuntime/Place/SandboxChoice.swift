import Glibc
import Logging
import RewardModel

/// Finds out once whether bubblewrap works here, and what follows for the `sandbox` setting.
actor SandboxChoice {
    private let options: WorkerOptions
    private let logger: Logger
    private var probe: Task<Result<Bubblewrap, BridgeError>, Never>?

    init(_ options: WorkerOptions, logger: Logger) {
        self.options = options
        self.logger = logger
    }

    /// The sandbox for workers; nil: they run without.
    /// - Throws: ``BridgeError`` (`.worker`) when one is required and does not work.
    func sandbox() async throws -> Bubblewrap? {
        if options.sandbox == .off { return nil }
        switch await result() {
        case .success(let bubblewrap): return bubblewrap
        case .failure(let error) where options.sandbox == .required: throw error
        case .failure: return nil
        }
    }

    private func result() async -> Result<Bubblewrap, BridgeError> {
        if let probe { return await probe.value }
        let probe = Task { [options] in await Self.probe(options) }
        self.probe = probe
        let result = await probe.value
        if case .failure(let error) = result, options.sandbox == .preferred {
            logger.warning("workers run without a sandbox", metadata: ["reason": "\(error.message)"])
        }
        return result
    }

    /// Runs `true` between the same walls as a worker.
    private static func probe(_ options: WorkerOptions) async -> Result<Bubblewrap, BridgeError> {
        guard let bubblewrap = Bubblewrap.find(path: options.environment["PATH"] ?? WorkerLaunch.defaultPath) else {
            return .failure(error("bwrap is not installed"))
        }
        let scratch = Folder.resolved(options.temporaryFolder)
        let walls = Bubblewrap.Walls(scratch: scratch, hidden: [], shown: [], network: false)
        let command = ChildCommand(
            .worker,
            executable: bubblewrap.executable,
            arguments: bubblewrap.arguments(walls) + ["true"],
            environment: ["PATH": WorkerLaunch.defaultPath]
        )
        do {
            let run = try await OneShot.run(command, outputMax: 4096, timeout: options.startTimeout)
            if run.status == .exited(0) { return .success(bubblewrap) }
            let said = run.error.split(separator: "\n").first.map { ": \($0)" } ?? ""
            return .failure(error("bwrap ended with \(run.status)\(said)"))
        } catch {
            return .failure(Self.error("\(error)"))
        }
    }

    private static func error(_ reason: String) -> BridgeError {
        BridgeError(
            .worker,
            "could not sandbox workers: \(reason)",
            hint: "install bubblewrap and allow user namespaces, or set sandbox: off to run rubrics unconfined"
        )
    }
}
