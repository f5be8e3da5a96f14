import RewardModel

/// A node that counts in its combination, with the number that stands for it; nil when it was left out.
struct Share {
    let position: Int
    let weight: Double
    let number: Double?
}

/// The value of a combination, and what each share gave to it, where that can be told.
struct Combined {
    var value: Double
    /// By the node's position.
    var contributions: [(position: Int, value: Double)] = []
}

extension Combination {
    /// Adds and multiplies in declared order, so that the same numbers give the same bits.
    ///
    /// - Returns: nil when there is nothing to combine.
    func combine(_ shares: [Share]) -> Combined? {
        let present = shares.filter { $0.number != nil }
        guard let last = present.last, let lastNumber = last.number else { return nil }
        let numbers = present.compactMap(\.number)
        switch self {
        case .weightedSum: return Self.sum(shares, over: Self.renormalisation(shares, present))
        case .mean:
            let total = present.reduce(0) { $0 + $1.weight }
            return total == 0 ? nil : Self.sum(shares, dividedBy: total)
        case .min: return numbers.min().map { Combined(value: $0) }
        case .max: return numbers.max().map { Combined(value: $0) }
        case .product: return Combined(value: numbers.reduce(1, *))
        case .sequence: return Combined(value: lastNumber)
        // What the gate is there for was left out.
        case .gate: return shares.last?.number.map { Combined(value: $0) }
        }
    }

    /// What the weights of those that are there are multiplied with, so that those that were left out do not shrink the
    /// sum; nil when nobody was.
    private static func renormalisation(_ shares: [Share], _ present: [Share]) -> Double? {
        guard present.count < shares.count else { return nil }
        return shares.reduce(0) { $0 + $1.weight } / present.reduce(0) { $0 + $1.weight }
    }

    private static func sum(_ shares: [Share], over factor: Double? = nil, dividedBy total: Double? = nil) -> Combined {
        var combined = Combined(value: 0)
        for share in shares {
            guard let number = share.number else { continue }
            var contribution = share.weight * number
            if let factor { contribution *= factor }
            if let total { contribution /= total }
            combined.value += contribution
            combined.contributions.append((share.position, contribution))
        }
        return combined
    }
}
