import BridgeConfig
import EmbeddedRuntime
import Foundation
import Gateway
import Logging
import NIOPosix
import PythonEmbedding
import PythonEnvironments
import RewardModel
import VersionStore
import WorkerRuntime

/// The configuration's sections, as the parts of the bridge take them.
extension BridgeOptions {
    var gatewayLimits: GatewayLimits {
        GatewayLimits(
            requestMax: limits.requestMax.bytes,
            replyMax: limits.replyMax.bytes,
            scoreMax: limits.scoreMaxBytes.bytes,
            inFlight: limits.inFlight,
            sessionsMax: limits.sessionsMax,
            memoryMax: limits.memoryMax.bytes,
            resetBodyMax: limits.httpBodyMax.bytes,
            headerMax: limits.headerMax.bytes,
            connectTimeout: limits.connectTimeout,
            handshakeTimeout: limits.handshakeTimeout,
            keepAlive: limits.keepAlive,
            drain: limits.drain,
            closeTimeout: limits.closeTimeout,
            redirectsMax: limits.redirectsMax
        )
    }

    func workerOptions(adapters: String) -> WorkerOptions {
        WorkerOptions(
            workers: worker.workers,
            spares: worker.spares,
            inFlight: worker.inFlight,
            queueMax: worker.queueMax,
            batchWait: worker.batchWait,
            movesMax: worker.movesMax,
            replayMax: worker.replayMax.bytes,
            restart: RestartPolicy(
                firstDelay: worker.restart.initial,
                delayMax: worker.restart.maximum,
                failuresMax: worker.restart.failures,
                window: worker.restart.window,
                coolDown: worker.restart.cooldown
            ),
            callTimeout: worker.callTimeout,
            hangAfter: worker.hangAfter,
            startTimeout: worker.startTimeout,
            loadTimeout: worker.loadTimeout,
            stopTimeout: worker.stopTimeout,
            frameMax: worker.frameMax.bytes,
            outputMax: worker.outputMax.bytes,
            memory: worker.memoryMax?.bytes,
            sandbox: worker.sandbox,
            stateFolder: state,
            temporaryFolder: NSTemporaryDirectory(),
            adapters: adapters,
            environment: ProcessInfo.processInfo.environment
        )
    }
}

extension BridgeOptions {
    var virtualEnvironments: EnvironmentStore { EnvironmentStore(state: state) }

    func embeddedOptions(adapters: String) -> EmbeddedOptions {
        EmbeddedOptions(
            callTimeout: embedded.callTimeout,
            wedgedAfter: embedded.wedgedAfter,
            loadTimeout: embedded.loadTimeout,
            queueMax: embedded.queueMax,
            adapters: adapters
        )
    }
}

extension RubricLoader {
    /// Rubrics in workers or embedded, with versions in the state folder.
    init(
        _ options: BridgeOptions,
        _ judges: Judges,
        _ loops: MultiThreadedEventLoopGroup,
        _ logger: Logger,
        onSecondThread: Bool = false
    ) throws {
        let adapters = try AdaptersFolder.find()
        var workers = options.workerOptions(adapters: adapters)
        workers.callsOnSecondThread = onSecondThread
        let probeTimeout = options.worker.startTimeout
        self.init(
            store: try VersionStore(
                folder: "\(options.state)/versions",
                limits: VersionLimits(
                    filesMax: options.limits.versionFilesMax,
                    bytesMax: options.limits.versionBytesMax.bytes
                )
            ),
            components: ComponentLoader(
                workers: WorkerRuntime(workers, group: loops, logger: logger),
                embedded: EmbeddedRuntime(options.embeddedOptions(adapters: adapters), logger: logger) {
                    PythonHome(try await PythonInterpreter.probe(executable: $0, timeout: probeTimeout))
                },
                judges: judges,
                environments: options.virtualEnvironments,
                probeTimeout: probeTimeout,
                logger: logger
            ),
            adapters: adapters,
            logger: logger
        )
    }
}

extension PythonHome {
    init(_ found: PythonInterpreter) {
        self.init(
            executable: found.executable,
            version: found.version,
            prefix: found.prefix,
            libraries: found.libraries
        )
    }
}

extension PythonInterpreter {
    /// With the bridge's own environment.
    static func probe(executable: String, timeout: Duration) async throws -> PythonInterpreter {
        try await probe(
            executable: executable,
            environment: ProcessInfo.processInfo.environment,
            timeout: timeout
        )
    }
}
