extension WorkerOptions {
    /// With no more calls at a time than a component may have; one whose workers do not divide them has fewer.
    func limited(to concurrency: Int?) -> WorkerOptions {
        guard let concurrency else { return self }
        var options = self
        options.workers = min(workers, concurrency)
        options.inFlight = min(inFlight, concurrency / options.workers)
        return options
    }
}
