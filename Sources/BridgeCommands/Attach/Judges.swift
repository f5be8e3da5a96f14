import BridgeConfig
import Foundation
import Logging
import NIOPosix
import RemoteRuntime
import RewardModel

/// The judges of the configuration, behind a gate that is started when the first component asks for one.
actor Judges {
    private let options: [JudgeOptions]
    private let gate: JudgeGate
    private var start: Task<Void, any Error>?

    init(_ options: BridgeOptions, _ loops: MultiThreadedEventLoopGroup, _ logger: Logger) throws {
        self.options = try options.judges.sorted { $0.key < $1.key }.map { try JudgeOptions($0.key, $0.value) }
        gate = JudgeGate(self.options, journal: JudgeLog(logger: logger), loops: loops, logger: logger) {
            ProcessInfo.processInfo.environment[$0]
        }
    }

    /// Variables of the component's workers: for each judge that it names, where the gate is.
    ///
    /// Clients of models refuse to start without a key; the gate puts the real one in, so `X_BASE_URL` comes with an
    /// `X_API_KEY` that opens nothing.
    ///
    /// - Throws: ``BridgeError`` when the configuration has no such judge, or the gate cannot be started.
    func variables(of leaf: RubricComponent) async throws -> [String: String] {
        guard !leaf.judges.isEmpty else { return [:] }
        // Its outcomes tell of the calls (rewardbridge.judging).
        var variables = ["REWARDBRIDGE_JUDGES": "1"]
        for (variable, name) in leaf.judges {
            guard options.contains(where: { $0.name == name }) else { throw unknown(name, leaf) }
            try await started()
            variables[variable] = gate.baseURL(of: name)
            if variable.hasSuffix("_BASE_URL") {
                let key = variable.dropLast("_BASE_URL".count) + "_API_KEY"
                variables[String(key)] = "held-by-the-bridge"
            }
        }
        return variables
    }

    func stop() async {
        guard let start, case .success = await start.result else { return }
        await gate.stop()
    }

    private func started() async throws {
        let start = self.start ?? Task { [gate] in _ = try await gate.start() }
        self.start = start
        try await start.value
    }

    private func unknown(_ name: String, _ leaf: RubricComponent) -> BridgeError {
        let known = options.map(\.name)
        let hint = Suggestion.nearest(to: name, among: known).map { "did you mean '\($0)'?" }
        return BridgeError(
            .configuration,
            "could not give '\(leaf.reference)' the judge '\(name)': the configuration has none of that name",
            hint: hint ?? "add it under judges: in bridge.yaml"
        )
    }
}

/// One line of the log for each call of a judge.
private struct JudgeLog: JudgeJournal {
    let logger: Logger

    func record(_ call: JudgeCallRecord) {
        var facts = ["judge": call.judge, "route": call.route]
        facts["attempts"] = "\(call.attempts)"
        facts["cached"] = "\(call.isCached)"
        facts["model"] = call.model
        facts["prompt_sha256"] = call.promptHash
        facts["seed"] = call.seed.map { "\($0)" }
        facts["temperature"] = call.temperature.map { "\($0)" }
        facts["status"] = call.status.map { "\($0)" }
        facts["cost"] = call.cost.map { "\($0)" }
        facts["tokens"] = call.usage?.total.map { "\($0)" }
        let text = facts.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
        logger.info("a judge was asked: \(text)")
    }
}

extension JudgeOptions {
    init(_ name: String, _ settings: JudgeSettings) throws {
        switch (settings.url, settings.urlFrom) {
        case (let url?, nil): self.init(name: name, endpoint: .url(url.description))
        case (nil, let variable?): self.init(name: name, endpoint: .variable(variable))
        default:
            throw BridgeError(.configuration, "could not read judge '\(name)': it has either url or url_from")
        }
        keyFrom = settings.keyFrom
        concurrency = settings.concurrency
        requestsPerMinute = settings.requestsPerMinute
        queueMax = settings.queueMax
        attempts = settings.attempts
        timeout = settings.timeout
        cache = CachePolicy(rawValue: settings.cache.rawValue) ?? .deterministic
        cacheGeneration = settings.cacheGeneration
        cacheEntriesMax = settings.cacheEntriesMax
        cacheBytesMax = settings.cacheBytesMax.bytes
        bodyMax = settings.bodyMax.bytes
    }
}
