import NIOPosix

/// Runs tests that block where nothing else waits for a thread: Swift's own pool has only as many as there are cores, and
/// a test that blocks must not keep the gateway's asynchronous parts from running.
final class BlockingThreads: TaskExecutor {
    static let shared = BlockingThreads()

    private let pool = NIOThreadPool(numberOfThreads: 64)

    private init() {
        pool.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
