import BridgeConfig
import Foundation
import Gateway
import Logging
import NIOPosix
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

extension RubricLoader {
    /// Rubrics in worker processes, with versions in the state folder.
    static func inWorkers(_ options: BridgeOptions, _ loops: MultiThreadedEventLoopGroup, _ logger: Logger) throws
        -> RubricLoader
    {
        let adapters = try AdaptersFolder.find()
        return RubricLoader(
            store: try VersionStore(
                folder: "\(options.state)/versions",
                limits: VersionLimits(
                    filesMax: options.limits.versionFilesMax,
                    bytesMax: options.limits.versionBytesMax.bytes
                )
            ),
            runtime: WorkerRuntime(
                options.workerOptions(adapters: adapters),
                group: loops,
                logger: logger
            ),
            adapters: adapters,
            probeTimeout: options.worker.startTimeout,
            logger: logger
        )
    }
}
