import NIOCore

extension WorkerOptions {
    /// nil: calls go to the workers as they come.
    var gather: WorkerComponent.Gather? {
        guard batchWait > .zero else { return nil }
        return WorkerComponent.Gather(wait: TimeAmount(batchWait), enough: workers * inFlight)
    }
}
