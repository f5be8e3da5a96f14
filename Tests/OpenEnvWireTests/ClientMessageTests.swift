import JSONBytes
import NIOCore
import OpenEnvWire
import Testing

@Suite struct ClientMessageTests {
    @Test(arguments: [
        (#"{"type": "reset", "data": {}}"#, ClientMessage.Kind.reset), (#"{"type": "reset"}"#, .reset),
        (#"{"type": "step", "data": {"op": "add"}}"#, .step), (#"{"type":"state"}"#, .state),
        (#"{"type":"close"}"#, .close), (#"{"data":{"jsonrpc":"2.0"},"type":"mcp"}"#, .mcp),
        (#"{"type":"validation_open"}"#, .validation), (#"{"type":"validation_read"}"#, .validation),
        (#"{"type":"re\u0073et"}"#, .reset), (#"{"\u0074ype":"reset"}"#, .reset),
        (#"{"type":"reset","type":"step","data":{}}"#, .step), (#"{"type":"validation"}"#, .other),
        (#"{"type":"Reset"}"#, .other), (#"{"type":null}"#, .other), (#"{"type":["reset"]}"#, .other), (#"{}"#, .other),
        ("[1]", .other), ("", .other), (#"{"type":"reset"} x"#, .other), (#"{"type":"reset""#, .other),
        ("null", .other),
    ])
    func kindIsTheLastType(text: String, kind: ClientMessage.Kind) {
        #expect(ClientMessage.scan(ByteBuffer(string: text)).kind == kind)
    }

    @Test func dataIsTheLastOne() {
        let message = ClientMessage.scan(ByteBuffer(string: #"{"data":{"a":1},"type":"step","d\u0061ta": {"b":2} }"#))
        #expect(message.data?.text == #"{"b":2}"#)
        #expect(ClientMessage.scan(ByteBuffer(string: #"{"type":"reset"}"#)).data == nil)
    }

    @Test(arguments: [
        (#"{"type":"step","data":{"type":"list_tools"}}"#, true),
        (#"{"data":{"type":"list_tools"},"type":"step"}"#, true),
        (#"{"type":"step","data":{"type":"list\u005ftools"}}"#, true),
        (#"{"type":"step","data":{"type":"call_tool"}}"#, false),
        (#"{"type":"reset","data":{"type":"list_tools"}}"#, false),
        (#"{"type":"step","data":{"x":"list_tools"}}"#, false),
        (#"{"type":"step","data":{"type":"list_tools","type":"call_tool"}}"#, false),
        (#"{"type":"step","data":{"type":"list_tools"},"data":{}}"#, false),
        (#"{"type":"step","data":{"x":{"type":"list_tools"}}}"#, false),
    ])
    func toolListingsAreTold(text: String, lists: Bool) {
        #expect(ClientMessage.scan(ByteBuffer(string: text)).isToolListing == lists)
    }

    @Test(arguments: [
        #"{"type":"close"}"#, #"{"type":"clos\u0065"}"#, #"{"type":"\u0063lose"}"#, #"{"type": "close" }"#,
        #"{"type":"reset","data":{"rewardbridge":1}}"#, #"{"type":"reset","data":{"\u0072ewardbridge":1}}"#,
        #"{"type":"reset","data":{"rewardbridg\u0065":1}}"#, #""close""#, #""rewardbridge""#,
    ])
    func whatConcernsTheRelayIsFoundWhereverItIs(text: String) {
        for count in 0...9 {
            var shifted = ByteBuffer(string: String(repeating: " ", count: count) + text)
            #expect(ClientMessage.mayNeedScan(shifted))
            shifted.writeString(String(repeating: " ", count: 9))
            #expect(ClientMessage.mayNeedScan(shifted))
            shifted.moveReaderIndex(forwardBy: count)
            #expect(ClientMessage.mayNeedScan(shifted))
        }
    }

    @Test(arguments: [
        "", "\"", "\\", #"{"type":"step","data":{"message":"close the door\n'close' rewardbridge","x":["closer"]}}"#,
        #"{"type":"step","data":{"closed":"a\\","b":"c:\\x"}}"#, #""close"#,
        #""rewardbridge"#, #"{"type":"state"}"#, #"{"type":"mcp","data":{"method":"tools/list"}}"#,
    ])
    func othersNeedNoScan(text: String) {
        #expect(!ClientMessage.mayNeedScan(ByteBuffer(string: text)))
    }

    @Test(arguments: ResetKeyTests.cuts)
    func everyResetKeyThatTheScanFindsIsFound(arguments: String, value: String, rest: String) {
        let message = ByteBuffer(string: #"{"type":"reset","data":\#(arguments)}"#)
        #expect(ClientMessage.scan(message).resetKey != nil && ClientMessage.mayNeedScan(message))
    }

    @Test func noPrefixIsUnderstood() {
        let text = #"{"type": "reset", "data": {"seed": 1, "rewardbridge": {"answer": "4\""}, "b": [1, 2]}}"#
        let whole = ByteBuffer(string: text)
        #expect(ClientMessage.scan(whole).resetKey != nil)
        for count in 0..<whole.readableBytes {
            let message = ClientMessage.scan(whole.getSlice(at: 0, length: count) ?? ByteBuffer())
            #expect(message.kind == .other && message.resetKey == nil && message.data == nil)
        }
    }
}
