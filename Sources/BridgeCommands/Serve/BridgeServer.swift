import AdapterSeam
import ArgumentParser
import BridgeConfig
import Foundation
import Gateway
import Ledger
import Logging
import NIOCore
import NIOPosix
import RewardModel
import Scoring
import VersionStore
import WorkerRuntime

/// Everything that runs while the bridge serves, put together and taken apart in order.
struct BridgeServer: Sendable {
    let options: BridgeOptions
    /// Starts the environment; empty when it runs already.
    let command: [String]

    /// Serves until a signal or the end of the environment that it started.
    /// - Throws: ``BridgeError`` when it cannot start; `ExitCode` with the status of an environment that it started.
    func run() async throws {
        let logger = BridgeLog.start(options.logLevel)
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
        let (reasons, stop) = AsyncStream.makeStream(of: StopReason.self)
        let signals = Task { await StopSignals.watch { stop.yield($0) } }
        defer { signals.cancel() }
        let status = try await serve(logger, loops, reasons, stop)
        try? await loops.shutdownGracefully()
        if status != 0 { throw ExitCode(status) }
    }

    private func serve(
        _ logger: Logger,
        _ loops: MultiThreadedEventLoopGroup,
        _ reasons: AsyncStream<StopReason>,
        _ stop: AsyncStream<StopReason>.Continuation
    ) async throws -> Int32 {
        let child = try await startEnvironment(logger, loops, stop)
        do {
            let reason = try await serve(in: child, logger, loops, reasons)
            guard let child else { return 0 }
            if case .environmentEnded(let status) = reason { return status }
            return await child.stop(SIGTERM, patience: options.limits.drain)
        } catch {
            _ = await child?.stop(SIGTERM, patience: options.limits.drain)
            throw error
        }
    }

    private func startEnvironment(
        _ logger: Logger,
        _ loops: MultiThreadedEventLoopGroup,
        _ stop: AsyncStream<StopReason>.Continuation
    ) async throws -> EnvironmentChild? {
        guard !command.isEmpty else { return nil }
        let child = try await EnvironmentChild.start(command, at: options.environments.first?.url) {
            stop.yield(.environmentEnded(status: EnvironmentChild.exitStatus($0)))
        }
        logger.info("waiting for the environment at \(child.url)")
        let probe = EnvironmentProbe(child.url, limits: options.gatewayLimits, loop: loops.next())
        try await child.waitUntilHealthy(probe, patience: options.worker.startTimeout * 2)
        return child
    }

    private func serve(
        in child: EnvironmentChild?,
        _ logger: Logger,
        _ loops: MultiThreadedEventLoopGroup,
        _ reasons: AsyncStream<StopReason>
    ) async throws -> StopReason? {
        let ledger = try openLedger(logger)
        let journal: any OutcomeJournal = ledger ?? NoJournal()
        let judges = try Judges(options, loops, logger)
        let attachments = try await loadAttachments(child, journal, judges, logger, loops)
        let gateway = Gateway(
            environments: attachments.map(\.fronted),
            limits: options.gatewayLimits,
            journal: journal,
            loops: loops,
            logger: logger,
            clock: WallClock.now
        )
        do {
            let listener = try await gateway.start(host: options.listen.host, port: options.listen.port)
            announce(listener, attachments)
            let reason = await reasons.first { _ in true }
            logger.info("stopping")
            await gateway.stop(listener)
            await end(attachments, judges, ledger, logger)
            report(gateway.counters, journal.health, logger)
            return reason
        } catch {
            await end(attachments, judges, ledger, logger)
            throw error
        }
    }

    private func openLedger(_ logger: Logger) throws -> Ledger? {
        guard options.ledger.record != .off, options.environments.contains(where: { $0.rubric != nil }) else {
            return nil
        }
        try FileManager.default.createDirectory(atPath: options.state, withIntermediateDirectories: true)
        let ledger = try Ledger(
            LedgerConfiguration(
                path: options.ledgerPath,
                window: options.ledger.window,
                queueMax: options.ledger.queueMax,
                queueBytesMax: options.ledger.queueBytesMax.bytes
            ),
            now: WallClock.milliseconds()
        )
        if ledger.closedEpisodes > 0 {
            logger.warning(
                "\(ledger.closedEpisodes) episodes were open when the bridge last ended; marked bridge_restart"
            )
        }
        return ledger
    }

    private func loadAttachments(
        _ child: EnvironmentChild?,
        _ journal: any OutcomeJournal,
        _ judges: Judges,
        _ logger: Logger,
        _ loops: MultiThreadedEventLoopGroup
    ) async throws -> [AttachmentLoader.Loaded] {
        var loaded: [AttachmentLoader.Loaded] = []
        let options = options
        do {
            let attachments = AttachmentLoader(
                rubrics: try RubricLoader(options, judges, loops, logger),
                options: options,
                journal: journal,
                logger: logger,
                probe: { EnvironmentProbe($0, limits: options.gatewayLimits, loop: loops.next()) }
            )
            for environment in options.environments {
                guard let url = child?.url ?? environment.url else { continue }
                loaded.append(try await attachments.load(environment, at: url))
            }
            return loaded
        } catch {
            for rubric in loaded.flatMap(\.rubrics) { await rubric.component.retire() }
            await judges.stop()
            throw error
        }
    }

    private func announce(_ listener: any Channel, _ attachments: [AttachmentLoader.Loaded]) {
        let port = listener.localAddress?.port ?? options.listen.port
        let address = ListenAddress(host: options.listen.host, port: port)
        for attachment in attachments {
            let scored = attachment.rubrics.first.map { "scored by '\($0.name)' (version \($0.version.short))" }
            let path = attachment.fronted.name.isEmpty ? "/" : "/\(attachment.fronted.name)/"
            Terminal.note("rewardbridge: \(path) -> \(attachment.fronted.endpoint), \(scored ?? "not scored")")
        }
        Terminal.note("rewardbridge: listening on \(address)")
    }

    private func end(
        _ attachments: [AttachmentLoader.Loaded],
        _ judges: Judges,
        _ ledger: Ledger?,
        _ logger: Logger
    ) async {
        for rubric in attachments.flatMap(\.rubrics) { await rubric.component.retire() }
        await judges.stop()
        do {
            try await ledger?.close()
        } catch {
            logger.error("could not close the ledger: \(error)")
        }
    }

    private func report(_ counters: GatewayCounters.Snapshot, _ health: JournalHealth, _ logger: Logger) {
        logger.info("\(counters.sessions) sessions, \(health.committed) entries recorded, \(health.lost) lost")
        if counters.httpSteps > 0 {
            logger.warning("\(counters.httpSteps) steps came over HTTP: they were relayed and not scored")
        }
    }
}
