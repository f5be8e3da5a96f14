package import AdapterSeam

extension Probe {
    /// What each component took to load.
    ///
    /// - Parameters:
    ///   - parts: the components by their paths.
    ///   - limit: the time after which loading fails.
    package static func load(_ parts: [(path: String, cost: ComponentDescription.LoadCost)], limit: Duration) -> Probe {
        let told = parts.filter { $0.cost.duration != nil || $0.cost.memory != nil }
        guard !told.isEmpty else { return .skipped(.load, because: "where it runs, nobody tells time and memory") }
        let longest = told.compactMap(\.cost.duration).max() ?? .zero
        let memory = told.compactMap(\.cost.memory).reduce(0, +)
        let whole = ComponentDescription.LoadCost(duration: longest, memory: memory)
        let each =
            told.count > 1 ? Phrases.list(told.map { "\($0.path) \($0.cost.text)" }) : "time, and memory after it"
        guard longest <= limit / 2 else {
            return Probe(.load, .noted, whole.text, "\(each); more than half of load_timeout (\(Amounts.text(limit)))")
        }
        return Probe(.load, .passed, whole.text, each)
    }
}

extension ComponentDescription.LoadCost {
    fileprivate var text: String {
        [duration.map { Amounts.text($0) }, memory.map { Amounts.text(bytes: $0) }].compactMap { $0 }
            .joined(separator: ", ")
    }
}
