package import RewardModel

extension Outcome {
    /// The outcome, or a failure when its number is no finite number of the range.
    package func checked(in range: ScoreRange?) -> Outcome {
        guard case .scored(let value) = self else { return self }
        guard value.isFinite else { return .failed(.notFinite, message: "the score is \(value)") }
        guard let range, !range.contains(value) else { return self }
        return .failed(.outOfRange, message: "the score \(value) is outside [\(range.lower), \(range.upper)]")
    }
}
