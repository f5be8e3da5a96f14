import JSONBytes
import NIOCore
import OpenEnvWire
import Testing

@testable import Gateway
@testable import Scoring

@Suite("Held replies")
struct HeldRepliesTests {
    private static func text(_ payload: String) -> ByteBuffer { ByteBuffer(bytes: Frame.server(.text, payload).bytes) }

    private func hold(_ name: String, _ ticket: UInt64, in held: inout HeldReplies) throws {
        let payload = ByteBuffer(string: Session.stepReply(name))
        let message = WireMessage(frames: [Self.text(Session.stepReply(name))], payload: payload, isText: true)
        held.append(message, try #require(StepReply(payload: payload)), awaiting: ticket, until: nil)
    }

    @Test func nothingOvertakesAWaitingReply() throws {
        var held = HeldReplies()
        try hold("one", 1, in: &held)
        held.append([Self.text("state")])
        try hold("two", 2, in: &held)
        #expect(held.count == 3 && held.tickets == [1, 2])
        #expect(held.next() == nil)
        held.release(Release(ticket: 2, reply: .reward(2, breakdown: nil)))
        #expect(held.next() == nil && held.tickets == [1])
        held.release(Release(ticket: 1, reply: .reward(1, breakdown: nil)))
        #expect(held.next() == [Self.text(Session.scored("one", "1.0"))])
        #expect(held.next() == [Self.text("state")])
        #expect(held.next() == [Self.text(Session.scored("two", "2.0"))])
        #expect(held.next() == nil && held.isEmpty && held.byteCount == 0)
    }

    @Test func unknownAndSpentTicketsArePassedOver() throws {
        var held = HeldReplies()
        try hold("one", 7, in: &held)
        held.release(Release(ticket: 8, reply: .error))
        #expect(held.tickets == [7])
        held.release(Release(ticket: 7, reply: .untouched))
        held.release(Release(ticket: 7, reply: .error))
        #expect(held.next() == [Self.text(Session.stepReply("one"))])
    }

    @Test func bytesAreCountedUntilTheyAreTaken() throws {
        var held = HeldReplies()
        try hold("one", 1, in: &held)
        let one = held.byteCount
        #expect(one == Session.stepReply("one").utf8.count)
        held.append([ByteBuffer(string: "12345"), ByteBuffer(string: "6")])
        #expect(held.byteCount == one + 6)
        held.release(Release(ticket: 1, reply: .error))
        #expect(held.byteCount == one + 6)
        _ = held.next()
        #expect(held.byteCount == 6)
        _ = held.next()
        #expect(held.byteCount == 0)
    }

    @Test func theDecisionMakesTheFrame() throws {
        let breakdown = RawJSON(#"{"n":1}"#)
        let cases: [(ScoredReply, String)] = [
            (.untouched, Session.stepReply("x")),
            (.environmentReward(breakdown: nil), Session.stepReply("x")),
            (.reward(nil, breakdown: nil), Session.scored("x", "null")),
            (.reward(0.5, breakdown: nil), Session.scored("x", "0.5")),
        ]
        for (decision, expected) in cases {
            var held = HeldReplies()
            try hold("x", 1, in: &held)
            held.release(Release(ticket: 1, reply: decision))
            #expect(held.next() == [Self.text(expected)])
        }
        var held = HeldReplies()
        try hold("x", 1, in: &held)
        held.release(Release(ticket: 1, reply: .environmentReward(breakdown: breakdown)))
        let frame = try #require(held.next()?.first)
        let sent = String(decoding: frame.readableBytesView.dropFirst(2), as: UTF8.self)
        #expect(sent.contains(#""reward":0.25,"#) && sent.contains(#""metadata":{"rewardbridge":{"n":1}}"#))
    }

    @Test func deadlinesAreThoseOfWaitingReplies() throws {
        var held = HeldReplies()
        let payload = ByteBuffer(string: Session.stepReply("x"))
        let reply = try #require(StepReply(payload: payload))
        let message = WireMessage(frames: [payload], payload: payload, isText: true)
        let soon = ContinuousClock.now
        held.append(message, reply, awaiting: 1, until: soon + .seconds(2))
        held.append(message, reply, awaiting: 2, until: nil)
        held.append(message, reply, awaiting: 3, until: soon + .seconds(1))
        #expect(held.deadlines.map(\.ticket) == [1, 3])
        held.release(Release(ticket: 1, reply: .error))
        #expect(held.deadlines.map(\.deadline) == [soon + .seconds(1)])
    }
}
