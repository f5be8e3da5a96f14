import RewardModel

/// The score of an episode, made of its steps' scores in step order.
///
/// Sums are added in the order of the steps, so that the same scores give the same bits.
struct EpisodeReduction: Sendable {
    let reduce: EpisodeReduce
    private(set) var value: Double?
    private var count = 0
    private var sum = 0.0

    init(_ reduce: EpisodeReduce) {
        self.reduce = reduce
    }

    mutating func add(_ score: Double) {
        count += 1
        sum += score
        value =
            switch reduce {
            case .sum: sum
            case .last: score
            case .mean: sum / Double(count)
            case .max: Swift.max(value ?? score, score)
            }
    }
}
