import RewardModel

@testable import WorkerRuntime

/// Testing has an `ExitStatus` too.
typealias ChildExit = ExitStatus

extension WorkerOptions {
    /// The defaults of the configuration, with less of everything.
    static var forTests: WorkerOptions {
        WorkerOptions(
            workers: 1,
            spares: 1,
            inFlight: 32,
            queueMax: 1000,
            batchWait: .zero,
            movesMax: 2,
            replayMax: 8 << 20,
            restart: RestartPolicy(
                firstDelay: .milliseconds(100),
                delayMax: .seconds(5),
                failuresMax: 5,
                window: .seconds(60),
                coolDown: .seconds(30)
            ),
            callTimeout: .seconds(5),
            hangAfter: .seconds(1),
            startTimeout: .seconds(30),
            loadTimeout: .seconds(30),
            stopTimeout: .seconds(2),
            frameMax: 64 << 20,
            outputMax: 1 << 20,
            memory: nil,
            sandbox: .off,
            stateFolder: nil,
            temporaryFolder: "/tmp",
            adapters: "",
            environment: [:]
        )
    }
}
