import AdapterSeam
import JSONBytes
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
        let program = [source.python, "-m", "rewardbridge.worker"]
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

    /// The node as the adapter reads it: `adapter`, `target`, and its settings.
    var component: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("adapter")
        writer.string(source.reference.adapter)
        writer.key("target")
        writer.string(source.reference.target)
        for (name, value) in source.settings.members() ?? [] {
            writer.key(name)
            writer.raw(value)
        }
        writer.endObject()
        return writer.finish()
    }

    // MARK: - What a worker sees

    private func walls(_ scratch: String) -> Bubblewrap.Walls {
        // `venv/bin/python`: the virtual environment may lie in a hidden folder.
        let parts = source.python.split(separator: "/").dropLast(2)
        let prefix = parts.isEmpty ? [] : ["/" + parts.joined(separator: "/")]
        // bwrap cannot mount on a link.
        return Bubblewrap.Walls(
            scratch: Folder.resolved(scratch),
            hidden: options.stateFolder.map { [Folder.resolved($0)] } ?? [],
            shown: ([source.root, options.adapters] + prefix).map(Folder.resolved),
            network: source.network
        )
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
        variables["PYTHONPATH"] = options.adapters
        return variables
    }
}
