import DequeModule
import NIOCore
import OpenEnvWire
import Scoring

/// Frames for the client that must leave in their order, some of them waiting for a score. Pure.
struct HeldReplies {
    /// A class, because it is large, and as a value would be copied several times on its way through the queue.
    private final class Held {
        /// nil: waits for nothing.
        var ticket: UInt64?
        let deadline: ContinuousClock.Instant?
        var frames: [ByteBuffer]
        /// What a score is put into; nil for frames that stay as they are.
        let reply: StepReply?
        let byteCount: Int

        init(
            ticket: UInt64? = nil,
            deadline: ContinuousClock.Instant? = nil,
            frames: [ByteBuffer],
            reply: StepReply? = nil,
            byteCount: Int
        ) {
            self.ticket = ticket
            self.deadline = deadline
            self.frames = frames
            self.reply = reply
            self.byteCount = byteCount
        }
    }

    private var queue = Deque<Held>()
    /// Bytes held.
    private(set) var byteCount = 0

    var isEmpty: Bool { queue.isEmpty }
    var count: Int { queue.count }
    /// The tickets of replies that still wait, oldest first.
    var tickets: [UInt64] { queue.compactMap(\.ticket) }

    /// The waiting replies that have a deadline, oldest first.
    var deadlines: [(ticket: UInt64, deadline: ContinuousClock.Instant)] {
        queue.compactMap { held in
            guard let ticket = held.ticket, let deadline = held.deadline else { return nil }
            return (ticket, deadline)
        }
    }

    /// Adds frames that go out as soon as everything before them has.
    mutating func append(_ frames: [ByteBuffer]) {
        add(Held(frames: frames, byteCount: frames.reduce(0) { $0 + $1.readableBytes }))
    }

    /// Adds a step's reply that waits for its ticket.
    mutating func append(
        _ message: WireMessage,
        _ reply: StepReply,
        awaiting ticket: UInt64,
        until deadline: ContinuousClock.Instant?
    ) {
        add(
            Held(
                ticket: ticket,
                deadline: deadline,
                frames: message.frames,
                reply: reply,
                byteCount: message.byteCount
            )
        )
    }

    private mutating func add(_ held: Held) {
        byteCount += held.byteCount
        queue.append(held)
    }

    /// Decides what becomes of a waiting reply. Tickets that are not there are passed over.
    mutating func release(_ release: Release) {
        guard let held = queue.first(where: { $0.ticket == release.ticket }) else { return }
        held.ticket = nil
        guard let reply = held.reply else { return }
        held.frames = Self.frames(release.reply, of: reply, asTheyCame: held.frames)
    }

    /// Takes the next frames that may go out now.
    mutating func next() -> [ByteBuffer]? {
        guard let first = queue.first, first.ticket == nil else { return nil }
        byteCount -= first.byteCount
        queue.removeFirst()
        return first.frames
    }

    private static func frames(
        _ decision: ScoredReply,
        of reply: StepReply,
        asTheyCame frames: [ByteBuffer]
    ) -> [ByteBuffer] {
        switch decision {
        case .untouched, .environmentReward(nil):
            frames
        case .environmentReward(let breakdown):
            [reply.splicedFrame(reward: .keep, breakdown: breakdown)]
        case .reward(let value, let breakdown):
            [reply.splicedFrame(reward: value.map(RewardSplice.value) ?? .null, breakdown: breakdown)]
        case .error:
            [FrameEncoder.text(ErrorFrame.rewardFailed(reply: reply.data), maskingKey: nil)]
        }
    }
}
