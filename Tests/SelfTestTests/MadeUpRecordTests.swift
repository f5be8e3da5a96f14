import AdapterSeam
import JSONBytes
import RewardModel
import SelfTest
import Testing

struct MadeUpRecordTests {
    private func steps(_ list: String) -> RawJSON { RawJSON(text: #"{"id":"x","steps":\#(list)}"#) }

    @Test func theLastSampledMessageIsReplaced() throws {
        let record = RawJSON(
            #"{"messages":[{"content":"a","sampled":true},{"content":"b"},{"content":"c","sampled":true},{"role":"tool"}]}"#
        )
        let made = try #require(Filler.empty.replacing(in: record, everyStep: false))
        #expect(
            made.text
                == #"{"messages":[{"content":"a","sampled":true},{"content":"b"},{"content":"","sampled":true},{"role":"tool"}]}"#
        )
    }

    @Test func allTextsOfTheLastActionAreReplacedAndNothingElse() throws {
        let record = steps(
            #"[{"action":{"message":"a"}},{"action":{"message":"b","n":1,"note":"c"},"observation":{"text":"d"}}]"#
        )
        let made = try #require(Filler.blank.replacing(in: record, everyStep: false))
        #expect(
            made.text
                == #"{"id":"x","steps":[{"action":{"message":"a"}},{"action":{"message":" \n\t ","n":1,"note":" \n\t "},"observation":{"text":"d"}}]}"#
        )
    }

    @Test func ofAnEpisodeEveryActionIsReplaced() throws {
        let record = steps(#"[{"index":0,"observation":{}},{"action":"a"},{"action":{"n":1}},{"action":{"m":"b"}}]"#)
        let made = try #require(Filler.empty.replacing(in: record, everyStep: true))
        #expect(
            made.text
                == #"{"id":"x","steps":[{"index":0,"observation":{}},{"action":""},{"action":{"n":1}},{"action":{"m":""}}]}"#
        )
    }

    @Test func aLongAnswerHasItsLength() throws {
        let made = try #require(Filler.long.replacing(in: steps(#"[{"action":"b"}]"#), everyStep: false))
        let said = made.member("steps")?.element(at: 0)?.member("action")?.string()
        #expect(said == String(repeating: "a", count: 10_000))
    }

    @Test(arguments: [
        #"{}"#, #"[]"#, #"{"steps":[]}"#, #"{"steps":[{"action":{"n":1}}]}"#, #"{"messages":[{"content":"a"}]}"#, "{",
    ])
    func aRecordWithoutAnAnswerIsLeftAlone(text: String) {
        #expect(Filler.empty.replacing(in: RawJSON(text: text), everyStep: true) == nil)
    }

    private static let whole = RawJSON(
        #"{"prompt":[1],"messages":[{"content":"a","sampled":true},{"content":"b"}],"answer":null,"info":{"x":1,"y":2},"steps":[{"index":0},{"index":1,"action":1,"observation":2,"state":3}]}"#
    )

    static let removals: [(RecordField, String)] = [
        (.action, #""steps":[{"index":0},{"index":1,"observation":2,"state":3}]"#),
        (.observation, #""steps":[{"index":0},{"index":1,"action":1,"state":3}]"#),
        (.state, #""steps":[{"index":0},{"index":1,"action":1,"observation":2}]"#),
        (.reset, #""steps":[{"index":1,"action":1,"observation":2,"state":3}]"#),
        (.completion, #""messages":[{"content":"b"}],"answer":null"#),
        (.prompt, #"{"messages":"#),
        (.messages, #"{"prompt":[1],"answer""#),
        (.history, #""info":{"x":1,"y":2}}"#),
        (.answer, #"{"content":"b"}],"info""#),
    ]

    @Test(arguments: removals)
    func oneNeedIsLeftOut(field: RecordField, left: String) throws {
        let description = ComponentDescription(unit: .step, needs: [field], library: .init(name: "x", version: ""))
        let absences = Absence.all(of: description)
        #expect(absences.count == (field == .answer ? 1 : 2), "the answer in any case")
        let texts = absences.compactMap { $0.removed(from: Self.whole)?.text }
        #expect(texts.contains { $0.contains(left) }, "\(texts)")
        #expect(texts.allSatisfy { $0 != Self.whole.text })
    }

    @Test func aColumnIsLeftOut() {
        let description = ComponentDescription(
            unit: .step,
            needs: [],
            columns: ["x", "z"],
            library: .init(name: "x", version: "")
        )
        let texts = Absence.all(of: description).dropFirst().map { $0.removed(from: Self.whole)?.text }
        #expect(texts[0]?.contains(#""info":{"y":2}"#) == true)
        #expect(texts[1] == nil)
    }

    @Test func whatIsNotThereCannotBeLeftOut() {
        let description = ComponentDescription(
            unit: .step,
            needs: Set(RecordField.allCases),
            columns: ["x"],
            library: .init(name: "x", version: "")
        )
        for text in [#"{}"#, #"{"steps":[]}"#, "[]", "{"] {
            #expect(
                Absence.all(of: description).allSatisfy {
                    $0.removed(from: RawJSON(text: text)) == nil || text == #"{"steps":[]}"#
                }
            )
        }
    }
}
