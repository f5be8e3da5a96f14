package import RewardModel

/// A record of a file, and what it scored.
package struct ScoredRecord: Sendable {
    /// Of the file, from 1.
    package let line: Int
    package let result: ComponentResult

    package init(line: Int, _ result: ComponentResult) {
        self.line = line
        self.result = result
    }

    /// One; of a group, one for each member.
    var outcomes: [Outcome] { result.members?.map(\.outcome) ?? [result.outcome] }

    /// The numbers among the outcomes.
    var rewards: [Double] { outcomes.compactMap(\.value) }
}

extension [ScoredRecord] {
    var rewards: [Double] { flatMap(\.rewards) }
}
