import JSONBytes
import RewardModel
import Testing

@Suite("Values with a text form")
struct TextFormTests {
    @Test(
        "Failure deliveries read back from their text",
        arguments: [FailureDelivery.error, .null, .env, .constant(0), .constant(-1.5), .constant(1e300)]
    )
    func failureDelivery(value: FailureDelivery) {
        #expect(FailureDelivery(value.description) == value)
    }

    @Test(
        "What is no failure delivery is refused",
        arguments: ["", "Error", "constant", "constant:", "constant: x", "constant: nan", "constant: inf", "0"]
    )
    func noFailureDelivery(text: String) {
        #expect(FailureDelivery(text) == nil)
    }

    @Test("Rules for absent values read back from their text", arguments: [AbsentRule.fail, .skip, .substitute(0.5)])
    func absentRule(value: AbsentRule) {
        #expect(AbsentRule(value.description) == value)
        #expect(AbsentRule("default: inf") == nil)
    }

    @Test(
        "Pointers read back from their text, escapes included",
        arguments: ["/action", "/action/message", "/task/a~1b/~0/0", "/reset/", "/history//x", "/reset_request/seed"]
    )
    func pointer(text: String) throws {
        #expect(try ViewPointer(text).description == text)
    }

    @Test("A pointer's keys are unescaped in the order that RFC 6901 asks for")
    func pointerKeys() throws {
        #expect(try ViewPointer("/task/~01/a~1b").path == ["~1", "a/b"])
        #expect(try ViewPointer("/state/").path == [""])
        #expect(try ViewPointer("/state").path == [])
    }

    @Test(
        "What is no pointer under a root is refused",
        arguments: ["", "/", "action", "action/x", "/actions", "/action/~", "/action/~2", "/action/a~"]
    )
    func noPointer(text: String) {
        #expect(throws: BridgeError.self) { try ViewPointer(text) }
    }

    @Test(
        "URLs of environments",
        arguments: [
            ("http://127.0.0.1:8000", "http://127.0.0.1:8000"), ("ws://h", "http://h:80"),
            ("WSS://h/", "https://h:443"),
            ("https://h:1/a/b//", "https://h:1/a/b"), ("http://[::1]:8000/x", "http://[::1]:8000/x"),
            ("ws://[::1]", "http://[::1]:80"),
        ]
    )
    func url(text: String, expected: String) throws {
        #expect(try EnvironmentURL(text).description == expected)
    }

    @Test(
        "What is no URL of an environment is refused",
        arguments: [
            "", "h:8000", "ftp://h", "http://", "http://:80", "http://h:0", "http://h:65536", "http://h:", "http://h:x",
            "http://u@h", "http://h?x", "http://h/#x", "http://[::1", "http://[::1]8000", "http://h/a b",
            "http://h/\r\nX: y",
            "http://é",
        ]
    )
    func noURL(text: String) {
        #expect(throws: BridgeError.self) { try EnvironmentURL(text) }
    }

    @Test("A password in a URL is not repeated in the error")
    func secret() {
        let error = #expect(throws: BridgeError.self) { try EnvironmentURL("http://me:hunter2@h/x") }
        #expect(error.map { "\($0)" }?.contains("hunter2") == false)
    }

    @Test("Canonical JSON has one text for one value, and reads back")
    func canonicalJSON() {
        let value = CanonicalJSON.object([
            "b": .array([.null, .bool(true), .integer(-1), .number(0.1), .number(1e-7), .array([])]),
            "a": .string("\"\\/\n\u{0}\u{1F}\u{7F}é\u{1F600}"),
            "": .object([:]),
            "Z": .integer(Int.max),
        ])
        let text =
            #"{"":{},"Z":9223372036854775807,"a":"\"\\/\n\u0000\u001f"# + "\u{7F}é\u{1F600}"
            + #"","b":[null,true,-1,0.1,1e-07,[]]}"#
        #expect(value.text == text)
        #expect(value.json.member("a")?.string() == "\"\\/\n\u{0}\u{1F}\u{7F}é\u{1F600}")
    }
}
