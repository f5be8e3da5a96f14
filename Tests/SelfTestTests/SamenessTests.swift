import JSONBytes
import RewardModel
import SelfTest
import Testing

struct SamenessTests {
    private func probe(_ first: ComponentResult, _ second: ComponentResult, isDeclared: Bool = false) -> Probe {
        .sameness(
            .again,
            of: [ScoredRecord(line: 1, ComponentResult(.scored(1))), ScoredRecord(line: 2, first)],
            and: [ScoredRecord(line: 2, second), ScoredRecord(line: 1, ComponentResult(.scored(1)))],
            isDeclared: isDeclared,
            "again"
        )
    }

    @Test func recordsAreMatchedByLineAndNotByOrder() {
        let same = probe(ComponentResult(.scored(0.5)), ComponentResult(.scored(0.5)), isDeclared: true)
        #expect(same == Probe(.again, .passed, "2/2 the same", "again"))
    }

    @Test func anotherNumberFailsOnlyWhatIsDeclared() {
        let (one, two) = (ComponentResult(.scored(0.5)), ComponentResult(.scored(0.25)))
        #expect(probe(one, two) == Probe(.again, .noted, "1/2 the same", "line 2: 0.5 and 0.25"))
        #expect(probe(one, two, isDeclared: true).verdict == .failed)
    }

    @Test func bitsAreCompared() {
        #expect(probe(ComponentResult(.scored(0.0)), ComponentResult(.scored(-0.0))).verdict == .noted)
    }

    @Test func textsOfFailuresMayDifferAndKindsNot() {
        let raised = ComponentResult(.failed(.exception, message: "<object at 0x1>"))
        #expect(probe(raised, ComponentResult(.failed(.exception, message: "<object at 0x2>"))).verdict == .passed)
        #expect(
            probe(raised, ComponentResult(.failed(.timeout))).explanation
                == "line 2: failed(exception): <object at 0x1> and failed(timeout)"
        )
    }

    private func parts(_ text: String) -> ComponentResult {
        ComponentResult(.scored(1), components: RawJSON(text: text))
    }

    @Test func componentsAreComparedWithoutTheirTimes() {
        let one = parts(#"[{"path":"a","value":1.0,"run_us":3,"failure":{"kind":"timeout","message":"x"}}]"#)
        let two = parts(#"[{"path":"a","run_us":4,"value":1.0,"failure":{"message":"y","kind":"timeout"}}]"#)
        #expect(probe(one, two).verdict == .passed)
        let three = parts(#"[{"path":"a","value":0.5,"run_us":3,"failure":{"kind":"timeout"}}]"#)
        #expect(probe(one, three).explanation == "line 2: another component 'a'")
        #expect(probe(one, ComponentResult(.scored(1))).verdict == .noted)
    }

    @Test func metricsMembersAndStepScoresAreComparedToo() {
        let one = ComponentResult(.scored(1), metrics: RawJSON(#"{"a":1.0,"b":2.0}"#))
        #expect(probe(one, ComponentResult(.scored(1), metrics: RawJSON(#"{"b":2.0,"a":1.0}"#))).verdict == .passed)
        #expect(probe(one, ComponentResult(.scored(1), metrics: RawJSON(#"{"a":1.0}"#))).verdict == .noted)
        let steps = ComponentResult(.scored(1), stepScores: RawJSON("[1.0]"))
        #expect(probe(steps, ComponentResult(.scored(1), stepScores: RawJSON("[2.0]"))).verdict == .noted)
        let group = ComponentResult(.unscored(.abstained), members: [ComponentResult(.scored(1))])
        let other = ComponentResult(.unscored(.abstained), members: [ComponentResult(.scored(2))])
        #expect(probe(group, other).explanation == "line 2: 1.0 and 2.0")
    }
}
