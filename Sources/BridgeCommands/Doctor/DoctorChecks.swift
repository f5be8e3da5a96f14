import BridgeConfig
import Foundation
import Gateway
import JSONBytes
import NIOCore
import NIOPosix
import RewardModel
import WorkerRuntime

/// What the doctor looks at, in the order in which things are needed.
struct DoctorChecks {
    let options: BridgeOptions
    let python: String?
    let loop: any EventLoop

    func run() async -> [Finding] {
        var findings = [checkAdapters(), checkState(), checkSandboxTool()]
        findings.append(await checkPython(python))
        findings += await VirtualEnvironmentChecks(options: options).run()
        findings.append(await checkPort())
        for environment in options.environments {
            if let named = environment.python, named != python { findings.append(await checkPython(named)) }
            if let url = environment.url { findings += await EnvironmentChecks(url, probe(url)).run() }
        }
        return findings
    }

    private func probe(_ url: EnvironmentURL) -> EnvironmentProbe {
        EnvironmentProbe(url, limits: options.gatewayLimits, loop: loop)
    }

    private func checkAdapters() -> Finding {
        do {
            return .good("adapters", try AdaptersFolder.find())
        } catch {
            return .problem("adapters", error)
        }
    }

    private func checkState() -> Finding {
        let files = FileManager.default
        let parent = URL(fileURLWithPath: options.state).deletingLastPathComponent().path
        let place = files.fileExists(atPath: options.state) ? options.state : parent
        guard files.isWritableFile(atPath: place) else {
            let error = BridgeError(
                .storage,
                "could not write to '\(place)'",
                hint: "choose another folder with --state"
            )
            return .problem("state", error)
        }
        return .good("state", options.state)
    }

    private func checkSandboxTool() -> Finding {
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        let found = folders.map { "\($0)/bwrap" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        if let found { return .good("sandbox", found) }
        return .warning(
            "sandbox",
            "bubblewrap is not installed: workers run without a sandbox",
            hint: "apt-get install bubblewrap"
        )
    }

    private func checkPython(_ named: String?) async -> Finding {
        do {
            let interpreter = try await PythonInterpreter.probe(
                executable: try PythonChoice.executable(named: named, in: options.virtualEnvironments),
                modules: ["orjson"],
                environment: ProcessInfo.processInfo.environment,
                timeout: options.worker.startTimeout
            )
            let place = "\(interpreter.implementation) \(interpreter.version) at \(interpreter.executable)"
            let isEmbedded = options.environments.contains { $0.runtime == .embedded }
            guard !isEmbedded || !interpreter.libraries.isEmpty else {
                let hint = "install libpython3 of its version, or set runtime: worker"
                return .problem("python", BridgeError(.python, "\(place) has no shared library to embed", hint: hint))
            }
            guard interpreter.missing.isEmpty else {
                return .warning("python", "\(place), without orjson", hint: "pip install orjson makes workers faster")
            }
            return .good("python", place)
        } catch {
            return .problem("python", error)
        }
    }

    private func checkPort() async -> Finding {
        do {
            let listener = try await ServerBootstrap(group: loop)
                .bind(host: options.listen.host, port: options.listen.port).get()
            try await listener.close().get()
            return .good("listen", "\(options.listen) is free")
        } catch {
            let busy = BridgeError(
                .system,
                "could not listen on '\(options.listen)': \(error)",
                hint: "stop what uses it, or choose another with --listen"
            )
            return .problem("listen", busy)
        }
    }
}

/// What can be said of an environment without opening a session.
struct EnvironmentChecks {
    private let url: EnvironmentURL
    private let probe: EnvironmentProbe

    init(_ url: EnvironmentURL, _ probe: EnvironmentProbe) {
        self.url = url
        self.probe = probe
    }

    func run() async -> [Finding] {
        let subject = "environment \(url)"
        do {
            let health = try await probe.ask("/health")
            guard health.status == 200, health.body.member("status")?.string() != nil else {
                throw notOpenEnv("GET /health answers status \(health.status) without a health report")
            }
            let schema = try await probe.ask("/schema")
            guard schema.status == 200, schema.body.member("action") != nil else {
                throw notOpenEnv("GET /schema answers status \(schema.status) without an action schema")
            }
            return [.good(subject, "an OpenEnv server, \(health.body.member("status")?.string() ?? "")"), capacity]
        } catch {
            return [.problem(subject, error)]
        }
    }

    /// A server does not tell its capacity; the default of 1 is what meets people.
    private var capacity: Finding {
        .warning(
            "environment \(url)",
            "serves one session at a time unless it was made for more; further clients get CAPACITY_REACHED",
            hint: "set max_concurrent_envs in its app, and SUPPORTS_CONCURRENT_SESSIONS in its environment class"
        )
    }

    private func notOpenEnv(_ reason: String) -> BridgeError {
        BridgeError(
            .environment,
            "could not recognise '\(url)' as an OpenEnv server: \(reason)",
            hint: "name the server's base URL, with the path it is mounted at"
        )
    }
}
