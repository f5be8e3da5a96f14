package import AdapterSeam
package import Logging
package import NIOCore
import RewardModel

/// Runs components in supervised worker processes (RFC 002): a pool of them for each component.
package final class WorkerRuntime: ComponentRuntime {
    private let options: WorkerOptions
    private let group: any EventLoopGroup
    private let logger: Logger
    private let sandbox: SandboxChoice

    /// - Parameters:
    ///   - group: each component uses one loop of it; it must outlive the components.
    ///   - logger: gets what workers print, `info` for standard output and `warning` for standard error.
    package init(
        _ options: WorkerOptions,
        group: any EventLoopGroup,
        logger: Logger = Logger(label: "rewardbridge.worker")
    ) {
        self.options = options
        self.group = group
        self.logger = logger
        sandbox = SandboxChoice(options, logger: logger)
    }

    /// Whether workers run in bubblewrap.
    ///
    /// - Throws: ``BridgeError`` (`.worker`) when they have to and cannot.
    package func isSandboxed() async throws -> Bool {
        try await sandbox.sandbox() != nil
    }

    /// Returns when the first worker is loaded; the others follow in the background.
    ///
    /// - Throws: ``BridgeError``: `.rubric` when the component refuses or its distributions are not those expected,
    ///   `.worker` when the worker does not get that far or breaks the protocol, `.system` when it cannot be started.
    package func load(_ component: ComponentSource) async throws -> any LoadedComponent {
        let options = options.limited(to: component.concurrency)
        let launch = WorkerLaunch(source: component, options: options, sandbox: try await sandbox.sandbox())
        try launch.checkProgram()
        let eventLoop = group.next()
        let published = PublishedStatistics()
        let driver = try await eventLoop.submit { [logger] in
            let driver = PoolDriver(launch, on: eventLoop, logger: logger) { published.value = $0 }
            return NIOLoopBound(driver, eventLoop: eventLoop)
        }.get()
        let description = try await withTaskCancellationHandler {
            try await eventLoop.flatSubmit { driver.value.load() }.get()
        } onCancel: {
            eventLoop.execute { driver.value.abandon(CancellationError()) }
        }
        return WorkerComponent(
            description,
            on: eventLoop,
            driver: driver,
            published: published,
            gather: description.isElementwise ? options.gather : nil
        )
    }
}
