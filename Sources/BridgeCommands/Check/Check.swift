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
              rewardbridge check rubric.yaml --records episodes.jsonl --self-test
              rewardbridge check rubric.yaml --records episodes.jsonl --self-test --oracle good.jsonl --floor bad.jsonl

            Records are evalrec/1 objects, one a line, as `rewardbridge sessions export` writes them; `-` reads standard \
            input. The exit status is 1 when a record failed; with --self-test, when something that was declared is not \
            so: the range, deterministic: true, or what --oracle and --floor say.
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

    @Flag(help: "Probe the rubric with the records: is it pure, in range, told apart, safe without inputs, in time?")
    var selfTest = false

    @Option(help: ArgumentHelp("Records that must score at the top in the self-test.", valueName: "file"))
    var oracle: String?

    @Option(help: ArgumentHelp("Records that must score at the bottom in the self-test.", valueName: "file"))
    var floor: String?

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

    @Flag(help: "One JSON object for the description, and one for each record; one in all for the self-test.")
    var json = false

    func validate() throws {
        if selfTest, records == nil { throw ValidationError("--self-test needs --records FILE") }
        if !selfTest, oracle != nil || floor != nil { throw ValidationError("--oracle and --floor need --self-test") }
    }

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
        let isGood: Bool
        do {
            isGood =
                try await selfTest
                ? test(options, judges, loops, logger) : check(options, judges, loops, logger)
            await judges.stop()
        } catch {
            await judges.stop()
            throw error
        }
        try? await loops.shutdownGracefully()
        if !isGood { throw ExitCode(1) }
    }

    private func check(
        _ options: BridgeOptions,
        _ judges: Judges,
        _ loops: MultiThreadedEventLoopGroup,
        _ logger: Logger
    ) async throws -> Bool {
        let loaded = try await RubricLoader(options, judges, loops, logger)
            .load(source, python: python, runtime: runtime)
        do {
            try loaded.fit(to: options.environments)
            describe(loaded)
            let failures = try await score(loaded, options)
            await loaded.component.retire()
            return failures == 0
        } catch {
            await loaded.component.retire()
            throw error
        }
    }

    var source: RubricSource {
        get throws { try RubricSource(rubric, folder: FileManager.default.currentDirectoryPath) }
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

extension RubricLoader.Loaded {
    /// Throws what `serve` would throw for the environments of the configuration.
    func fit(to environments: [EnvironmentOptions]) throws {
        for environment in environments {
            _ = try RubricBinding(
                name: name,
                version: version,
                component: component,
                options: environment.attachment,
                view: environment.view,
                range: range,
                credit: credit
            )
        }
    }
}
