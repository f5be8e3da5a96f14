import JSONBytes
import Testing

@Suite struct JSONPointerTests {
    /// The example of RFC 6901 section 5.
    static let document = RawJSON(
        #"""
        {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8}
        """#
    )

    @Test(arguments: [
        ("/foo", #"["bar", "baz"]"#), ("/foo/0", #""bar""#), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/e^f", "3"),
        ("/g|h", "4"), (#"/i\j"#, "5"), (#"/k"l"#, "6"), ("/ ", "7"), ("/m~0n", "8"), ("", document.text),
    ])
    func examplesOfTheRFC(pointer: String, value: String) throws {
        let pointer = try #require(JSONPointer(pointer))
        #expect(pointer.select(in: Self.document)?.text == value)
    }

    @Test(arguments: [
        "/foo/-", "/foo/2", "/foo/00", "/foo/01", "/foo/+1", "/foo/1e0", "/foo/", "/bar", "/a~1b/x", "/foo/0/0",
    ])
    func nothingIsSelected(pointer: String) throws {
        let pointer = try #require(JSONPointer(pointer))
        #expect(pointer.select(in: Self.document) == nil)
    }

    @Test(arguments: ["foo", "#/foo", "/~", "/~2", "/a~", " /a"]) func malformedPointers(text: String) {
        #expect(JSONPointer(text) == nil)
    }

    @Test func escapesAreResolvedOnce() {
        #expect(JSONPointer("/~01/a//~1")?.tokens == ["~1", "a", "", "/"])
        #expect(JSONPointer("/\u{301}/x")?.tokens == ["\u{301}", "x"])
        #expect(JSONPointer("/a/b")?.description == "/a/b")
    }

    @Test func lastDuplicateIsFollowed() {
        let document = RawJSON(#"{"a":{"x":1},"b":[{"x":2},{"\u0078":3}],"\u0061":{"x":4}}"#)
        #expect(JSONPointer("/a/x")?.select(in: document)?.text == "4")
        #expect(JSONPointer("/b/1/x")?.select(in: document)?.text == "3")
    }
}
