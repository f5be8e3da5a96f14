import AdapterSeam
import JSONBytes
import RewardModel
import SelfTest
import Testing

struct VerdictTests {
    private func scored(_ rewards: Double...) -> [ScoredRecord] {
        rewards.enumerated().map { ScoredRecord(line: $0 + 1, ComponentResult(.scored($1))) }
    }

    private let unit = ScoreRange(0, 1)

    // MARK: - Range

    @Test func aDeclaredRangeIsAnExpectation() {
        let outside = ScoredRecord(line: 7, ComponentResult(.failed(.outOfRange)))
        #expect(Probe.range(scored(0, 1), declared: unit).verdict == .passed)
        #expect(
            Probe.range(scored(0, 3), declared: nil)
                == Probe(.range, .noted, "[0.0, 3.0]", "observed; no range is declared")
        )
        let probe = Probe.range(scored(0, 0.5) + [outside], declared: unit)
        #expect(probe == Probe(.range, .failed, "[0.0, 0.5]", "outside of [0.0, 1.0]: line 7"))
    }

    @Test func aComponentOutOfItsRangeShowsInTheTree() {
        let components = RawJSON(#"[{"path":"a","value":null,"failure":{"kind":"out_of_range","message":"5.0"}}]"#)
        let skipped = ScoredRecord(line: 1, ComponentResult(.scored(0.5), components: components))
        #expect(Probe.range([skipped], declared: nil).verdict == .failed)
    }

    // MARK: - Known answers

    @Test func oraclesReachTheDeclaredTop() {
        let top = Extreme(.top, of: unit, or: scored(0.5))
        #expect(Probe.expected(.oracle, scored(1, 0.9999999999), to: top).verdict == .passed)
        let probe = Probe.expected(.oracle, scored(1, 0.9), to: top)
        #expect(probe.verdict == .failed && probe.explanation == "not at the range's upper end 1.0: line 2: 0.9")
        #expect(
            Probe.expected(.oracle, [ScoredRecord(line: 1, ComponentResult(.unscored(.needs)))], to: top).verdict
                == .failed
        )
    }

    @Test(arguments: [ScoreRange(0, .infinity), nil])
    func withoutADeclaredTopTheBestRecordCounts(range: ScoreRange?) {
        let top = Extreme(.top, of: range, or: scored(0.25, 0.5))
        #expect(Probe.expected(.oracle, scored(0.5, 7), to: top).verdict == .passed)
        #expect(Probe.expected(.oracle, scored(0.4), to: top).verdict == .failed)
    }

    @Test func withNothingToCompareWithANumberIsEnough() {
        let top = Extreme(.top, of: nil, or: [])
        #expect(Probe.expected(.oracle, scored(0), to: top).verdict == .passed)
    }

    @Test func aMadeUpFloorIsOnlyNoted() {
        let bottom = Extreme(.bottom, of: unit, or: [])
        #expect(Probe.madeUpFloor([], bottom).verdict == .skipped)
        let abstained = ScoredRecord(line: 1, ComponentResult(.unscored(.abstained)))
        #expect(Probe.madeUpFloor([(.blank, abstained)], bottom).verdict == .skipped)
        #expect(Probe.madeUpFloor([(.empty, scored(0)[0]), (.blank, abstained)], bottom).figure == "1/1 at the bottom")
        let probe = Probe.madeUpFloor([(.empty, scored(1)[0])], bottom)
        #expect(probe.verdict == .noted && probe.explanation.contains("an empty text in line 1: 1.0"))
        let crashed = ScoredRecord(line: 1, ComponentResult(.failed(.crash)))
        #expect(Probe.madeUpFloor([(.long, crashed)], bottom).verdict == .noted)
        #expect(Probe.expected(.floor, scored(0.1), to: bottom).verdict == .failed)
    }

    // MARK: - What is only noted

    @Test func outcomesWithoutANumberAreListedByKind() {
        let nan = ScoredRecord(line: 3, ComponentResult(.failed(.notFinite)))
        let none = ScoredRecord(line: 4, ComponentResult(.unscored(.abstained)))
        let probe = Probe.outcomes(scored(1, 2) + [nan, none])
        #expect(
            probe == Probe(.outcomes, .noted, "2/4 scored", "failed(not_finite): line 3; unscored(abstained): line 4")
        )
        #expect(Probe.outcomes(scored(1)).verdict == .passed)
    }

    @Test func membersOfGroupsCount() {
        let members = [ComponentResult(.scored(1)), ComponentResult(.failed(.exception))]
        let group = ScoredRecord(line: 1, ComponentResult(.unscored(.abstained), members: members))
        #expect(Probe.outcomes([group]).figure == "1/2 scored")
    }

    @Test func aConstantRewardTellsNothing() {
        let texts = [RawJSON("{}"), RawJSON("[]")]
        #expect(Probe.sensitivity(scored(1, 1), texts).verdict == .noted)
        #expect(Probe.sensitivity(scored(1, 0), texts).verdict == .passed)
        #expect(Probe.sensitivity(scored(1, 1), [texts[0], texts[0]]).verdict == .skipped)
        #expect(Probe.sensitivity(scored(1), texts).verdict == .skipped)
    }

    @Test func aNumberInSpiteOfAMissingNeedIsNoted() {
        let description = ComponentDescription(unit: .step, needs: [.action], library: .init(name: "x", version: ""))
        let absences = Absence.all(of: description)
        let (action, answer) = (absences[0], absences[1])
        func verdict(_ absence: Absence, _ outcome: Outcome) -> Probe.Verdict {
            Probe.absences([Deprived(absence, scored(0.5)[0], again: scored(0.5)[0], outcome)]).verdict
        }
        #expect(verdict(action, .scored(0.5)) == .noted)
        #expect(verdict(action, .unscored(.needs)) == .passed)
        #expect(verdict(action, .failed(.exception)) == .passed)
        #expect(verdict(answer, .scored(0.5)) == .passed)
        #expect(verdict(answer, .scored(0)) == .noted)
        let unstable = Deprived(answer, scored(0.5)[0], again: scored(0.25)[0], .scored(0))
        #expect(Probe.absences([unstable]).verdict == .passed)
        #expect(Probe.absences([]).verdict == .skipped)
    }

    // MARK: - Time

    private func timed(_ milliseconds: Int...) -> [ScoredRecord] {
        milliseconds.map { ScoredRecord(line: 1, ComponentResult(.scored(1), runTime: .milliseconds($0))) }
    }

    @Test func theLongestCallIsHeldAgainstTheTimeout() {
        let probe = Probe.time(timed(1, 3, 2, 4), limit: .milliseconds(8))
        #expect(probe.verdict == .passed)
        #expect(probe.figure == "median 2.0 ms, p99 4.0 ms, longest 4.0 ms")
        #expect(Probe.time(timed(5), limit: .milliseconds(8)).verdict == .noted)
        #expect(Probe.time(scored(1), limit: .seconds(1)).verdict == .skipped)
        let late = [ScoredRecord(line: 3, ComponentResult(.failed(.timeout)))]
        #expect(Probe.time(timed(1) + late, limit: .seconds(5)).explanation == "out of time: line 3")
    }

    @Test func loadingIsToldPerComponent() {
        let cost = ComponentDescription.LoadCost(duration: .milliseconds(1500), memory: 3 << 20)
        #expect(Probe.load([("a", cost)], limit: .seconds(60)).figure == "1.5 s, 3.0 MiB")
        let two = Probe.load([("a", cost), ("b", .init(duration: .milliseconds(2)))], limit: .seconds(60))
        #expect(two == Probe(.load, .passed, "1.5 s, 3.0 MiB", "a 1.5 s, 3.0 MiB; b 2.0 ms"))
        #expect(Probe.load([("a", cost)], limit: .seconds(2)).verdict == .noted)
        #expect(Probe.load([("a", .init())], limit: .seconds(2)).verdict == .skipped)
    }

    @Test func longListsAreCutShort() {
        let none = (1...9).map { ScoredRecord(line: $0, ComponentResult(.failed(.crash))) }
        #expect(Probe.outcomes(none).explanation == "failed(crash): lines 1, 2, 3, 4, 5 and 4 more")
    }
}
