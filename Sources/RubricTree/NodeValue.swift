import RewardModel

extension RubricNode {
    /// What the node is worth to its parent: a number of its range, clipped, then scaled.
    func value(of outcome: Outcome) -> Outcome {
        guard case .scored(var value) = outcome.checked(in: range) else { return outcome.checked(in: range) }
        if let clip { value = min(max(value, clip.lower), clip.upper) }
        if let scale { value *= scale }
        return Outcome.scored(value).checked(in: nil)
    }

    /// The number that stands in the combination for the node's value.
    func standing(for value: Outcome) -> Standing {
        if let number = value.value { return .number(number) }
        switch onAbsent {
        case .fail: return .fails(value)
        case .skip: return .leftOut
        case .substitute(let number): return .number(number)
        }
    }
}

/// What a combination makes of one of its nodes.
enum Standing {
    case number(Double)
    case leftOut
    case fails(Outcome)
}
