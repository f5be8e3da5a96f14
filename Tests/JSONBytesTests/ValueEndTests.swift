import JSONBytes
import NIOCore
import Testing

/// Where values end, at every alignment to the eight bytes that the scan takes at once.
@Suite struct ValueEndTests {
    /// Everything that could be taken for a bracket or a quote, or hide one.
    static let tricky = [
        #"{}"#, #"[]"#, #"{"a":"}"}"#, #"["]"]"#, #"{"\"":"\\"}"#, #"["\\\\\"]",[{}]]"#, #"[[[[[[[[[[]]]]]]]]]]"#,
        #"{"y":[Infinity,{"_Y":"[{"}]}"#, #"{"k":"\u005d\\","l":[]}"#, "{\"é\":\"\u{BDB}\u{7D7D}Ûý\"}",
        #"[{"a":1},{"b":2}]"#,
        #"["long text without any of them, over several words of eight bytes",{"\\\\\\\"":[[],[{}]]}]"#,
    ]

    @Test(arguments: tricky, 0...16) func endIsFoundAtEveryAlignment(value: String, shift: Int) throws {
        let filler = String(repeating: "x", count: shift)
        let text = RawJSON(text: #"{"\#(filler)":\#(value),"after":[0]}"#)
        let members = try #require(text.members())
        #expect(members.map(\.value.text) == [value, "[0]"])
    }

    @Test(arguments: tricky, 0...16) func missingEndIsNoticedAtEveryAlignment(value: String, shift: Int) {
        let filler = String(repeating: "x", count: shift)
        let text = ByteBuffer(string: #"{"\#(filler)":\#(value.dropLast())"#)
        #expect(RawJSON(text).members() == nil)
    }

    @Test(arguments: 0...24, 0...3) func backslashesPairUp(shift: Int, backslashes: Int) {
        let filler = String(repeating: "x", count: shift)
        let escapes = String(repeating: #"\\"#, count: backslashes)
        let closed = RawJSON(text: #"[["\#(filler)\#(escapes)"],1]"#)
        #expect(closed.elements()?.last?.text == "1")
        let open = RawJSON(text: #"[["\#(filler)\#(escapes)\"],1]"#)
        #expect(open.elements() == nil)
    }

    @Test(arguments: [#"["#, #"{"a":"#, #"[{"a":["#]) func megabytesOfNestingAreNoTrouble(opening: String) {
        let count = 5_000_000 / opening.utf8.count
        let text = String(repeating: opening, count: count)
        #expect(RawJSON(text: #"{"a":"# + text + "}").member("a") == nil)
        #expect(RawJSON(text: text).elements() == nil)
        let closing = String(opening.reversed().compactMap { ["[": "]", "{": "}"][$0] })
        let whole = text + "1" + String(repeating: closing, count: count)
        #expect(RawJSON(text: #"{"a":"# + whole + "}").member("a")?.count == whole.utf8.count)
    }

    /// Brackets are counted without their kind, inside what is passed over: put elsewhere, such a span stays broken.
    @Test func bracketsOfTheWrongKindStayInsideTheirSpan() {
        let text = RawJSON(#"{"a":[},"b":1}"#)
        #expect(text.member("a")?.text == "[}")
        #expect(text.member("b")?.text == "1")
    }

    /// No JSON has a backslash outside of a string. What it does there must not depend on where the scan began, or one
    /// message would be two things to two readers.
    @Test(arguments: 0...16) func strayBackslashesHideTheNextByteAtEveryAlignment(shift: Int) {
        let filler = String(repeating: " ", count: shift)
        for hidden in ["{", "}", "[", "]"] {
            let value = #"[\#(filler)\\#(hidden)]"#
            #expect(RawJSON(text: "[\(value)]").elements()?.map(\.text) == [value])
        }
    }
}
