import AdapterSeam
import ArgumentParser
import BridgeConfig
import Foundation
import JSONBytes
import Logging
import NIOCore
import NIOPosix
import RewardModel
import Scoring

/// `rewardbridge check`
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Load a rubric, say what it needs, and score given records.",
        discussion: """
            Examples:
              rewardbridge check python:rewards.py:score
              rewardbridge check rubric.yaml --python .venv --records episodes.jsonl

            Records are evalrec/1 objects, one a line, as `rewardbridge sessions export` writes them; `-` reads standard \
            input. The exit status is 1 when a record failed.
            """
    )

    @Argument(help: "ADAPTER:TARGET or a rubric file.")
    var rubric: String

    @Option(help: ArgumentHelp("Python or virtual environment that runs it.", valueName: "path or name"))
    var python: String?

    @Option(help: "Where it runs: \(RuntimeChoice.allCases.map(\.rawValue).joined(separator: ", ")).")
    var runtime = RuntimeChoice.worker

    @Option(help: ArgumentHelp("Records to score.", valueName: "file"))
    var records: String?

    @Option(
        help: ArgumentHelp(
            "Configuration file: checks the rubric against its environments' views too.",
            valueName: "bridge.yaml"
        )
    )
    var config: String?

    @Option(help: ArgumentHelp("Folder that the bridge keeps its state in.", valueName: "folder"))
    var state = BridgeOptions().state

    @Option(help: "Bubblewrap for workers: \(Sandbox.allCases.map(\.rawValue).joined(separator: ", ")).")
    var sandbox: String?

    @Flag(help: "One JSON object for the description, and one for each record.")
    var json = false

    func run() async throws {
        var options = try config.map { try BridgeOptions(reading: $0) } ?? BridgeOptions()
        if config == nil { options.state = URL(fileURLWithPath: state).path }
        options.worker.workers = 1
        options.worker.spares = 0
        if let sandbox {
            guard let choice = Sandbox(rawValue: sandbox) else {
                throw ValidationError("--sandbox is one of preferred, required, off")
            }
            options.worker.sandbox = choice
        }
        let logger = BridgeLog.start(.warning)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let judges = try Judges(options, loops, logger)
        let failures: Int
        do {
            failures = try await check(options, judges, loops, logger)
            await judges.stop()
        } catch {
            await judges.stop()
            throw error
        }
        try? await loops.shutdownGracefully()
        if failures > 0 { throw ExitCode(1) }
    }

    private func check(
        _ options: BridgeOptions,
        _ judges: Judges,
        _ loops: MultiThreadedEventLoopGroup,
        _ logger: Logger
    ) async throws -> Int {
        let source = try RubricSource(rubric, folder: FileManager.default.currentDirectoryPath)
        let loaded = try await RubricLoader(options, judges, loops, logger)
            .load(source, python: python, runtime: runtime)
        do {
            try fit(loaded, to: options.environments)
            describe(loaded)
            let failures = try await score(loaded, options)
            await loaded.component.retire()
            return failures
        } catch {
            await loaded.component.retire()
            throw error
        }
    }

    /// Throws what `serve` would throw for the environments of the configuration.
    private func fit(_ loaded: RubricLoader.Loaded, to environments: [EnvironmentOptions]) throws {
        for environment in environments {
            _ = try RubricBinding(
                name: loaded.name,
                version: loaded.version,
                component: loaded.component,
                options: environment.attachment,
                view: environment.view,
                range: loaded.range,
                credit: loaded.credit
            )
        }
    }

    private func describe(_ loaded: RubricLoader.Loaded) {
        let description = RubricDescription(loaded)
        Terminal.print(json ? description.json.text : description.text)
    }

    private func score(_ loaded: RubricLoader.Loaded, _ options: BridgeOptions) async throws -> Int {
        guard let records else { return 0 }
        let scorer = RecordScorer(loaded, patience: options.worker.callTimeout + options.worker.loadTimeout)
        var failures = 0
        if !json { Terminal.print("") }
        for line in try RecordLines.read(records) {
            let result = await scorer.score(line)
            if result.outcome.isFailed { failures += 1 }
            Terminal.print(json ? result.json(line: line.number).text : result.text(line: line.number))
        }
        return failures
    }
}
