import JSONBytes
import NIOCore
import OpenEnvWire
import Testing

@Suite struct StepReplyTests {
    static let text =
        #"{"type":"observation","data":{"observation":{"metadata":{"a":1},"reward":9,"text":"\"reward\":7}"},"#
        + #""reward":0.3,"done":true,"metadata":{"a":1}}}"#

    @Test func valuesAreFound() throws {
        let reply = try #require(StepReply(payload: ByteBuffer(string: Self.text)))
        #expect(reply.observation?.text == #"{"metadata":{"a":1},"reward":9,"text":"\"reward\":7}"}"#)
        #expect(reply.reward?.text == "0.3")
        #expect(reply.done)
        #expect(reply.metadata?.text == #"{"a":1}"#)
        #expect(reply.data.text.hasPrefix(#"{"observation":"#))
    }

    @Test func lastDuplicatesCount() throws {
        let text =
            #"{"data":{"reward":1},"data":{"reward":2,"done":true,"rewar\u0064":3,"done":1},"#
            + #""type":"x","type":"observation"}"#
        let reply = try #require(StepReply(payload: ByteBuffer(string: text)))
        #expect(reply.reward?.text == "3")
        #expect(!reply.done)
        #expect(reply.observation == nil && reply.metadata == nil)
    }

    @Test(arguments: [
        #"{"type":"state","data":{"reward":1}}"#, #"{"type":"mcp","data":{"reward":1}}"#, #"{"type":"observation"}"#,
        #"{"type":"observation","data":[1]}"#, #"{"type":"observation","data":null}"#, #"{"data":{"reward":1}}"#,
        #"{"type":"observation","data":{"reward":1},"data":2}"#, #"{"type":"observation","data":{"reward":1}}}"#,
        #"{"type":"observation","data":{"reward":1,}}"#, #"{"type":"observation","data":{"reward":}}"#, "[]", "",
    ])
    func otherMessagesAreNone(text: String) {
        #expect(StepReply(payload: ByteBuffer(string: text)) == nil)
    }

    @Test func noPrefixIsAReply() {
        let whole = ByteBuffer(string: Self.text)
        for count in 0..<whole.readableBytes {
            #expect(StepReply(payload: whole.getSlice(at: 0, length: count) ?? ByteBuffer()) == nil)
        }
    }

    @Test(arguments: [#"["#, #"{"a":"#]) func megabytesOfNestingAreNoTrouble(opening: String) throws {
        let deep = String(repeating: opening, count: 5_000_000 / opening.utf8.count)
        let head = #"{"type":"observation","data":{"reward":1,"observation":"#
        #expect(StepReply(payload: ByteBuffer(string: head + deep)) == nil)
        #expect(ClientMessage.scan(ByteBuffer(string: deep)).kind == .other)
        let closing = String(repeating: opening == "[" ? "]" : "}", count: deep.utf8.count / opening.utf8.count)
        let reply = try #require(StepReply(payload: ByteBuffer(string: head + deep + "0" + closing + "}}")))
        #expect(reply.observation?.count == deep.utf8.count + closing.utf8.count + 1)
    }

    @Test(arguments: [
        (#"{"type":"observation","data":{}}"#, ServerMessage.Kind.observation), (#"{"type":"error"}"#, .error),
        (#"{"type":"state","data":1}"#, .state), (#"{"type":"mcp"}"#, .mcp), (#"{"type":"llm_request"}"#, .other),
        (#"{"type":"error","type":"st\u0061te"}"#, .state), ("[1]", .other), ("", .other), ("{", .other),
    ])
    func kindsOfReplies(text: String, kind: ServerMessage.Kind) {
        #expect(ServerMessage.scan(ByteBuffer(string: text)).kind == kind)
    }
}
