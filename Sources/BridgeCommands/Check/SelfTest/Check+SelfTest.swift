import BridgeConfig
import JSONBytes
import Logging
import NIOPosix
import RewardModel

extension Check {
    /// Whether everything that was declared is so.
    func test(
        _ options: BridgeOptions,
        _ judges: Judges,
        _ loops: MultiThreadedEventLoopGroup,
        _ logger: Logger
    ) async throws -> Bool {
        // Made-up records may kill worker after worker; each probe still gets one.
        var options = options
        options.worker.restart.failures = Int.max
        options.worker.restart.maximum = min(options.worker.restart.maximum, .seconds(1))
        let loader = try RubricLoader(options, judges, loops, logger)
        let onSecondThread = try RubricLoader(options, judges, loops, logger, onSecondThread: true)
        let (source, python, runtime) = (try source, python, runtime)
        let run = SelfTestRun(
            files: try SelfTestFiles(records: records ?? "-", oracle: oracle, floor: floor),
            patience: options.worker.callTimeout + options.worker.loadTimeout,
            loadLimit: options.worker.loadTimeout,
            callLimit: runtime == .embedded ? options.embedded.callTimeout : options.worker.callTimeout,
            environments: options.environments,
            placement: PlacementProbe(
                workers: loader.components.workers,
                runtime: runtime,
                memoryMax: options.worker.memoryMax?.description
            )
        ) { isOnSecondThread in
            try await (isOnSecondThread ? onSecondThread : loader).load(source, python: python, runtime: runtime)
        }
        let report = try await run.run()
        Terminal.print(json ? report.json.text : report.text)
        return !report.hasFailed
    }
}
