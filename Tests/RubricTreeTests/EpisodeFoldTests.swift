import RewardModel
import RubricTree
import Testing

@Suite("Folds")
struct EpisodeFoldTests {
    private func policy(_ change: (inout AttachmentOptions) -> Void) -> AttachmentPolicy {
        var options = AttachmentOptions()
        change(&options)
        return options.policy(for: .step)
    }

    private func carried(
        _ outcomes: [Outcome],
        basis: EpisodeFold.Basis = .step,
        _ change: (inout AttachmentOptions) -> Void
    ) -> [EpisodeFold.Carried] {
        var fold = EpisodeFold(policy: policy(change), basis: basis)
        return outcomes.enumerated().map { fold.settle($1, isLast: $0 == outcomes.count - 1) }
    }

    private let steps: [Outcome] = [.scored(0.1), .scored(0.2), .scored(0.3)]

    @Test func perStepCarriesEachScore() {
        #expect(carried(steps) { $0.fold = .perStep } == [.value(0.1), .value(0.2), .value(0.3)])
    }

    @Test func runningCarriesTheSumSoFar() {
        #expect(carried(steps) { $0.fold = .running } == [.value(0.1), .value(0.1 + 0.2), .value(0.1 + 0.2 + 0.3)])
    }

    @Test func runningKeepsTheScoreOverAnUnscoredStep() {
        let outcomes: [Outcome] = [.unscored(.abstained), .scored(2), .unscored(.abstained)]
        #expect(carried(outcomes) { $0.fold = .running } == [.null, .value(2), .value(2)])
    }

    @Test(arguments: [(BeforeScore.null, EpisodeFold.Carried.null), (.zero, .value(0))])
    func lastCarriesTheScoreAtTheEnd(before: BeforeScore, carries: EpisodeFold.Carried) {
        let result = carried([.scored(1), .scored(2), .scored(4)]) {
            $0.fold = .last
            $0.before = before
        }
        #expect(result == [carries, carries, .value(7)])
    }

    @Test func deltaOfPrefixScoresAddsUpToTheLast() {
        let prefixes: [Outcome] = [.scored(0.5), .scored(0.25), .scored(1)]
        #expect(carried(prefixes, basis: .prefix) { $0.fold = .delta } == [.value(0.5), .value(-0.25), .value(0.75)])
    }

    @Test func deltaOfStepScoresGivesThemBackToTheBit() {
        let outcomes: [Outcome] = [.scored(1e16), .scored(0.1)]
        #expect(carried(outcomes) { $0.fold = .delta } == [.value(1e16), .value(0.1)])
    }

    @Test func runningPrefixScoresReplaceEachOther() {
        let prefixes: [Outcome] = [.scored(0.5), .scored(0.25)]
        #expect(carried(prefixes, basis: .prefix) { $0.fold = .running } == [.value(0.5), .value(0.25)])
    }

    @Test(arguments: [
        (EpisodeReduce.sum, 6.0), (.last, 3), (.mean, 2), (.max, 3),
    ])
    func reduces(reduce: EpisodeReduce, score: Double) {
        let result = carried([.scored(1), .scored(2), .scored(3)]) {
            $0.fold = .last
            $0.reduce = reduce
        }
        #expect(result.last == .value(score))
    }

    @Test(arguments: [
        (FailureDelivery.error, EpisodeFold.Carried.error), (.null, .null), (.env, .environment),
        (.constant(-1), .value(-1)),
    ])
    func aFailureMarksEveryLaterStep(onFailed: FailureDelivery, carries: EpisodeFold.Carried) {
        let outcomes: [Outcome] = [.scored(1), .failed(.timeout), .scored(1)]
        for fold in Fold.allCases {
            let result = carried(outcomes) {
                $0.fold = fold
                $0.onFailed = onFailed
            }
            #expect(result[1] == carries)
            #expect(result[2] == carries)
        }
    }

    @Test func aFailedEpisodeHasNoScore() {
        var fold = EpisodeFold(policy: policy { $0.fold = .running }, basis: .step)
        _ = fold.settle(.scored(1), isLast: false)
        _ = fold.settle(.failed(.crash, message: "gone"), isLast: false)
        #expect(fold.score == .failed(.crash, message: "gone"))
        #expect(fold.pending() == .error)
    }

    @Test func anEpisodeWithoutScoresIsUnscored() {
        var fold = EpisodeFold(policy: policy { $0.fold = .last }, basis: .step)
        #expect(fold.score == nil)
        #expect(fold.settle(.unscored(.abstained), isLast: true) == .null)
        #expect(fold.score == .unscored(.abstained))
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func numbersThatAreNoneFail(value: Double) {
        #expect(Outcome.scored(value).checked(in: nil).kind == .notFinite)
    }

    @Test func rangesIncludeTheirEnds() throws {
        let range = try #require(ScoreRange(0, 1))
        #expect(Outcome.scored(0).checked(in: range) == .scored(0))
        #expect(Outcome.scored(1).checked(in: range) == .scored(1))
        #expect(Outcome.scored(1.0000001).checked(in: range).kind == .outOfRange)
        #expect(Outcome.scored(-0.0000001).checked(in: range).kind == .outOfRange)
    }
}
