import AdapterSeam
import Glibc
import RewardModel

/// How the workers of one component are started: the command, its environment, and the `load` message.
struct WorkerLaunch: Sendable {
    let source: ComponentSource
    let options: WorkerOptions
    /// nil: none.
    let sandbox: Bubblewrap?

    static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

    /// Told to people.
    var name: String { source.reference.description }

    func command(scratch: String, channel: Descriptor, output: Descriptor, error: Descriptor) -> ChildCommand {
        let walled = sandbox.map { [$0.executable] + $0.arguments(walls(scratch)) + program } ?? program
        return ChildCommand(
            .worker,
            executable: walled[0],
            arguments: Array(walled.dropFirst()),
            environment: environment(scratch),
            directory: scratch,
            output: output,
            error: error,
            channel: channel,
            memory: options.memory
        )
    }

    private var program: [String] {
        source.reference.isOwnProgram ? ["\(source.root)/\(file)"] : [source.python, "-m", "rewardbridge.worker"]
    }

    private var file: Substring { source.reference.target.prefix { $0 != ":" } }

    /// - Throws: ``BridgeError`` (`.rubric`) when a program of one's own cannot be run.
    func checkProgram() throws {
        // See man 2 access: of a folder too, which the start of the process finds out.
        guard source.reference.isOwnProgram, access(program[0], X_OK) != 0 else { return }
        let reason = String(cString: strerror(errno))
        let hint = "build it, and make it executable: chmod +x \(file)"
        throw BridgeError(.rubric, "could not load '\(name)': could not run file '\(file)': \(reason)", hint: hint)
    }

    // MARK: - What a worker sees

    private func walls(_ scratch: String) -> Bubblewrap.Walls {
        // bwrap cannot mount on a link.
        Bubblewrap.Walls(
            scratch: Folder.resolved(scratch),
            hidden: options.stateFolder.map { [Folder.resolved($0)] } ?? [],
            shown: ([source.root] + (source.reference.isOwnProgram ? [] : python)).map(Folder.resolved),
            network: source.network
        )
    }

    /// The folders of the adapters and of `venv/bin/python`: the virtual environment may lie in a hidden folder.
    private var python: [String] {
        let prefix = source.python.split(separator: "/").dropLast(2)
        return [options.adapters] + (prefix.isEmpty ? [] : ["/" + prefix.joined(separator: "/")])
    }

    /// An allow-list: the bridge's own environment holds secrets. What the component names is added, but cannot change
    /// where Python finds the adapters.
    private func environment(_ scratch: String) -> [String: String] {
        let own = options.environment
        var variables = [
            "PATH": own["PATH"] ?? Self.defaultPath,
            "LANG": own["LANG"] ?? "C.UTF-8",
            "HOME": scratch,
            "TMPDIR": scratch,
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONHASHSEED": "0",
            // Thread pools as large as the machine, in each worker, cost memory and time.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            // Else litellm fetches a price list when it is imported.
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        ]
        for name in source.environment {
            if let value = own[name] { variables[name] = value }
        }
        variables.merge(source.variables) { $1 }
        variables["PYTHONPATH"] = options.adapters
        variables["REWARDBRIDGE_PROGRESS"] = "\(Folder.resolved(scratch))/\(ProgressWord.name)"
        if options.callsOnSecondThread { variables["REWARDBRIDGE_SECOND_THREAD"] = "1" }
        return variables
    }
}
