import JSONBytes
import NIOCore
import Testing

@Suite struct RawJSONTests {
    @Test(arguments: [
        ("{}", RawJSON.Kind.object), ("[1]", .array), (#""""#, .string), ("-1", .number), ("NaN", .number),
        ("-Infinity", .number), ("true", .true), ("false", .false), ("null", .null), ("", .invalid), ("x", .invalid),
    ])
    func kindIsToldByTheFirstByte(text: String, kind: RawJSON.Kind) {
        #expect(RawJSON(text: text).kind == kind)
    }

    @Test func literalsAreReadWhole() {
        #expect(RawJSON("true").bool() == true)
        #expect(RawJSON("false").bool() == false)
        #expect(RawJSON("null").isNull)
        for text in ["tru", "truex", "1", #""true""#, "", "nul", "nullx", "null null"] {
            #expect(RawJSON(text: text).bool() == nil, "\(text)")
            #expect(!RawJSON(text: text).isNull, "\(text)")
        }
    }

    @Test func lastMemberOfANameWins() {
        let object = RawJSON(#" {"a":1, "rewar\u0064" : 2 ,"b":{"reward":9},"reward":3,"\u0061":4} "#)
        #expect(object.member("reward")?.text == "3")
        #expect(object.member("a")?.text == "4")
        #expect(object.member("b")?.text == #"{"reward":9}"#)
        #expect(object.member("c") == nil)
    }

    @Test func namesAreComparedByCodePoint() {
        // One name written with U+00E9, one with e and U+0301: equal for Swift's ==, not for Python.
        let object = RawJSON(text: "{\"caf\u{E9}\":1,\"cafe\u{301}\":2,\"\\ud83d\\ude42\":3,\"\\ud83d\":4}")
        #expect(object.member("caf\u{E9}")?.text == "1")
        #expect(object.member("cafe\u{301}")?.text == "2")
        #expect(object.member("🙂")?.text == "3")
        #expect(object.member("\u{FFFD}") == nil)
        #expect(RawJSON(#"{"a\\b":1}"#).member(#"a\\b"#) == nil)
        #expect(RawJSON(#"{"a\\b":1}"#).member(#"a\b"#)?.text == "1")
    }

    @Test func membersKeepOrderAndDuplicates() throws {
        let members = try #require(RawJSON(#"{"b":1,"a":[2,3],"b":"x\n"}"#).members())
        #expect(members.map(\.name) == ["b", "a", "b"])
        #expect(members.map(\.value.text) == ["1", "[2,3]", #""x\n""#])
        #expect(try #require(RawJSON("{ }").members()).isEmpty)
    }

    @Test func elementsShareStorage() throws {
        let text = RawJSON(#" [1, {"a":[]} ,"]", null ] "#)
        let elements = try #require(text.elements())
        #expect(elements.map(\.text) == ["1", #"{"a":[]}"#, #""]""#, "null"])
        #expect(text.element(at: 2)?.text == #""]""#)
        #expect(text.element(at: 4) == nil)
        #expect(RawJSON("[]").elements() == [])
        let inside = text.bytes.withUnsafeReadableBytes { whole in
            elements[1].bytes.withUnsafeReadableBytes { $0.baseAddress! - whole.baseAddress! }  // neither is empty
        }
        #expect(inside == 5)
    }

    @Test(arguments: [
        "", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\" 1}", "{a:1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1}}", "{\"a\":1} x", "{,}", "{\"a\":}", "{\"a\":tru}", "{\"a\":01}", "{\"a\":-}", "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":1e}", "{\"a\":+1}", "{\"a\":\"}", "{\"a\":\"\\\"}", "[1]", "1", "{\"a\":[}", "{\"a\":nan}",
        "{\"a\":1\u{A0}}",
    ])
    func malformedObjectsHaveNoMembers(text: String) {
        #expect(RawJSON(text: text).member("a") == nil)
        #expect(RawJSON(text: text).members() == nil)
    }

    @Test(arguments: ["", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1]]", "{}", "[{]", "[\"]"])
    func malformedArraysHaveNoElements(text: String) {
        #expect(RawJSON(text: text).elements() == nil)
        #expect(RawJSON(text: text).element(at: 0) == nil)
    }

    @Test func noPrefixOfAnObjectIsOne() {
        let text = #"{"a":{"b":[1,-2.5e+3,"x\\\"y",true,null]},"c":"é\ud83d\ude42"}"#
        let whole = RawJSON(text: text)
        #expect(whole.members()?.count == 2)
        for count in 0..<whole.count {
            let prefix = RawJSON(whole.bytes.getSlice(at: 0, length: count) ?? ByteBuffer())
            #expect(prefix.members() == nil)
            #expect(prefix.member("a") == nil)
        }
    }

    @Test(arguments: [
        (#""""#, ""), (#""abc""#, "abc"), (#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{C}\n\r\tz"),
        (#""\u00e9\u00E9é""#, "ééé"), (#""\ud83d\ude42""#, "🙂"), (#""\ud83d""#, "\u{FFFD}"),
        (#""\ude42\ud83d""#, "\u{FFFD}\u{FFFD}"), (#""\ud83d\u0041""#, "\u{FFFD}A"), (#""\ud83dx""#, "\u{FFFD}x"),
        (#""\ud83d\ud83d\ude42""#, "\u{FFFD}🙂"), (#""\u0000""#, "\0"),
    ])
    func stringsAreUnescaped(text: String, meaning: String) {
        #expect(RawJSON(text: text).string() == meaning)
    }

    @Test(arguments: [
        #"""#, #""a"#, #""a" "#, #""a"b""#, #""\x""#, #""\u12""#, #""\u12g4""#, #""\u+123""#, "1", "", #""\""#,
    ])
    func whatIsNoStringHasNoMeaning(text: String) {
        #expect(RawJSON(text: text).string() == nil)
    }

    @Test func bytesThatAreNotUTF8AreReplaced() {
        #expect(RawJSON(ByteBuffer(bytes: [0x22, 0x61, 0xFF, 0x22])).string() == "a\u{FFFD}")
    }
}
