import Foundation
import JSONBytes
import NIOCore
import OpenEnvWire
import Testing

/// Real requests and replies.
@Suite struct CaptureTests {
    struct Pair {
        var request: ByteBuffer?
        var response: ByteBuffer
    }

    static func pairs() throws -> [Pair] {
        let tests = #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" }
        let lines = try String(contentsOfFile: tests + "/Fixtures/wire/pairs_ws.jsonl", encoding: .utf8)
        return try lines.split(separator: "\n").map { line in
            let row = RawJSON(text: String(line))
            let response = try #require(row.member("response")?.string())
            let request = row.member("request")?.string()
            return Pair(request: request.map(ByteBuffer.init(string:)), response: ByteBuffer(string: response))
        }
    }

    @Test func everyReplyIsKnownAndKept() throws {
        let pairs = try Self.pairs()
        #expect(pairs.count > 80)
        for pair in pairs {
            let text = String(buffer: pair.response)
            let kind = ServerMessage.scan(pair.response).kind
            #expect(kind != .other && text.hasPrefix(#"{"type":"\#(kind)""#), "\(text)")
            guard kind == .observation else {
                #expect(StepReply(payload: pair.response) == nil)
                continue
            }
            let reply = try #require(StepReply(payload: pair.response))
            #expect(reply.reward != nil && reply.observation?.kind == .object)
            #expect(reply.done == text.contains(#","done":true"#))
            #expect(reply.spliced(reward: .keep) == pair.response)
            // Another reward and back again.
            let other = try #require(StepReply(payload: reply.spliced(reward: .value(-0.125))))
            #expect(other.reward?.text == "-0.125" && other.observation == reply.observation)
            if let reward = reply.reward?.double(), String(buffer: pair.response).contains(#""reward":\#(reward)"#) {
                #expect(other.spliced(reward: .value(reward)) == pair.response)
            }
        }
    }

    @Test func repliesFollowRequests() throws {
        var matched = 0
        for pair in try Self.pairs() {
            let reply = ServerMessage.scan(pair.response).kind
            guard let request = pair.request.map(ClientMessage.scan)?.kind else {
                #expect(reply == .error, "\(pair)")
                continue
            }
            #expect(reply.answers(request), "\(pair)")
            matched += 1
        }
        #expect(matched > 80)
    }

    @Test func resetsCarryTheKeyAway() throws {
        var resets = 0
        for request in try Self.pairs().compactMap(\.request) {
            let message = ClientMessage.scan(request)
            #expect(message.resetKey == nil)
            let text = String(buffer: request)
            guard message.kind == .reset, let data = message.data, data.kind == .object else { continue }
            resets += 1
            let separator = data.text == "{}" ? "" : ", "
            let keyed = text.replacing(#""data": {"#, with: #""data": {"rewardbridge": {"answer": "4"}"# + separator)
            #expect(ClientMessage.scan(ByteBuffer(string: keyed)).resetKey?.payloadWithoutKey == request)
        }
        #expect(resets > 10)
    }
}
