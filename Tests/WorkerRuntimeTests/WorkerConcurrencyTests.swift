import Testing

@testable import WorkerRuntime

@Suite("calls that a component may have at a time")
struct WorkerConcurrencyTests {
    @Test(
        "workers and calls of each never exceed the limit",
        arguments: [(1, 1, 1), (2, 2, 1), (3, 2, 1), (5, 2, 2), (64, 2, 32), (1000, 2, 32)]
    )
    func limits(limit: Int, workers: Int, inFlight: Int) {
        var options = WorkerOptions.forTests
        (options.workers, options.inFlight) = (2, 32)
        let limited = options.limited(to: limit)
        #expect((limited.workers, limited.inFlight) == (workers, inFlight))
        #expect(options.limited(to: nil) == options)
    }
}
