import JSONBytes
import NIOCore
import OpenEnvWire
import Testing

@Suite struct ResetKeyTests {
    /// Arguments of a reset with the key in every position and spelling, its value, and the arguments without it.
    static let cuts: [(String, String, String)] = [
        (#"{"rewardbridge":{"a":1}}"#, #"{"a":1}"#, "{}"),
        (#"{ "rewardbridge" : {"a":1} }"#, #"{"a":1}"#, "{  }"),
        (#"{"rewardbridge":1,"b":2}"#, "1", #"{"b":2}"#),
        (#"{"rewardbridge": 1, "b": 2}"#, "1", #"{"b": 2}"#),
        (#"{"a":1,"rewardbridge":[],"b":2}"#, "[]", #"{"a":1,"b":2}"#),
        (#"{"a": 1, "rewardbridge": "x,}", "b": 2}"#, #""x,}""#, #"{"a": 1, "b": 2}"#),
        (#"{"a":1,"rewardbridge":null}"#, "null", #"{"a":1}"#),
        (#"{"a": 1 , "rewardbridge": 2 }"#, "2", #"{"a": 1 }"#),
        (#"{"rewardbridge":1,"rewardbridge":2}"#, "2", "{}"),
        (#"{"rewardbridge":1,"rewardbridge":2,"a":3}"#, "2", #"{"a":3}"#),
        (#"{"rewardbridge":1,"a":2,"rewardbridge":3}"#, "3", #"{"a":2}"#),
        (#"{"a":1,"rewardbridge":1,"rewardbridge":2}"#, "2", #"{"a":1}"#),
        (#"{"a":1,"rewardbridge":1,"rewardbridge":2,"b":3}"#, "2", #"{"a":1,"b":3}"#),
        (#"{"a":1,"rewardbridge":1,"b":2,"rewardbridge":3,"c":4}"#, "3", #"{"a":1,"b":2,"c":4}"#),
        (#"{"\u0072eward\u0062ridge":"é\ud83d","a":1}"#, #""é\ud83d""#, #"{"a":1}"#),
        ("{\n\t\"a\":1,\r\n\t\"rewardbridge\":NaN\n}", "NaN", "{\n\t\"a\":1\n}"),
    ]

    @Test(arguments: cuts) func keyIsCutFromAReset(arguments: String, value: String, rest: String) throws {
        for (head, tail) in [(#"{"type": "reset", "data": "#, "}"), (#" {"data" :"#, #", "type":"reset"} "#)] {
            let message = ClientMessage.scan(ByteBuffer(string: head + arguments + tail))
            let key = try #require(message.resetKey)
            #expect(key.value.text == value)
            #expect(String(buffer: key.payloadWithoutKey) == head + rest + tail)
            #expect(ClientMessage.scan(key.payloadWithoutKey).kind == .reset)
            #expect(ClientMessage.scan(key.payloadWithoutKey).resetKey == nil)
        }
    }

    @Test(arguments: cuts) func keyIsCutFromABody(arguments: String, value: String, rest: String) throws {
        let found = try #require(ResetKey.cut(fromObject: ByteBuffer(string: arguments)))
        #expect(found.value.text == value)
        #expect(String(buffer: found.rest) == rest)
        // As Python's json.loads of bytes does, which OpenEnv's HTTP routes use.
        let marked = try #require(ResetKey.cut(fromObject: ByteBuffer(string: "\u{FEFF}" + arguments)))
        #expect(String(buffer: marked.rest) == "\u{FEFF}" + rest)
    }

    @Test(arguments: [
        #"{"type":"step","data":{"rewardbridge":1}}"#, #"{"type":"reset","rewardbridge":1}"#,
        #"{"type":"reset","data":{"a":{"rewardbridge":1}}}"#, #"{"type":"reset","data":["rewardbridge"]}"#,
        #"{"type":"reset","data":"rewardbridge"}"#, #"{"type":"reset","data":{"Rewardbridge":1}}"#,
        #"{"type":"reset","data":{"rewardbridge":1},"data":{}}"#, #"{"type":"reset","data":{"rewardbridge":1,}}"#,
        #"{"type":"reset","data":{"rewardbridge":}}"#, #"{"type":"reset","data":{"rewardbridge" 1}}"#,
    ])
    func nothingIsCutElsewhere(text: String) {
        #expect(ClientMessage.scan(ByteBuffer(string: text)).resetKey == nil)
    }

    @Test func bodiesWithoutTheKeyAreLeft() {
        for text in [
            "", "{}", "[]", #"{"seed":1}"#, #"{"rewardbridge":1"#, #"{"rewardbridge":1} x"#, #""rewardbridge""#,
        ] {
            #expect(ResetKey.cut(fromObject: ByteBuffer(string: text)) == nil)
        }
    }

    /// A message is a slice of a larger buffer on the wire.
    @Test func sliceOffsetsDoNotMatter() throws {
        var buffer = ByteBuffer(string: #"xxx{"type":"reset","data":{"rewardbridge":7}}"#)
        buffer.moveReaderIndex(forwardBy: 3)
        let key = try #require(ClientMessage.scan(buffer).resetKey)
        #expect(key.value.text == "7")
        #expect(String(buffer: key.payloadWithoutKey) == #"{"type":"reset","data":{}}"#)
    }
}
