import JSONBytes
import NIOCore
import OpenEnvWire

/// A spliced reply reads back as what was written; every byte outside of what was replaced is as it was.
///
/// The first byte of an input says what is written, the rest is the message.
func splice(_ input: UnsafeRawBufferPointer) {
    guard let choice = input.first else { return }
    let payload = ByteBuffer(bytes: input.dropFirst())
    guard let reply = StepReply(payload: payload) else { return }
    require(ServerMessage.scan(payload).kind == .observation, "a reply is an observation")
    require(ServerMessage.scan(payload).data == reply.data, "both scans find the same data")
    let reward = rewards[Int(choice & 3)]
    let breakdown = choice & 4 == 0 ? nil : breakdowns[Int(choice >> 3) % breakdowns.count]
    let out = reply.spliced(reward: reward, breakdown: breakdown)
    guard let read = StepReply(payload: out) else { return require(false, "a spliced reply is a reply") }
    check(reward, reply, read)
    check(breakdown, reply, read)
    require(read.observation == reply.observation && read.done == reply.done, "nothing else is changed")
    require(read.spliced(reward: reward, breakdown: breakdown) == out, "splicing twice is splicing once")
    checkRest(reply, reward, breakdown, out)
}

private let rewards: [RewardSplice] = [.keep, .null, .value(0.1), .value(-1.5e300)]
private let breakdowns: [RawJSON] = [RawJSON("{}"), RawJSON(#"{"session_id":"}","tree":[null]}"#), RawJSON("0")]

private func check(_ reward: RewardSplice, _ reply: StepReply, _ read: StepReply) {
    switch reward {
    case .keep: require(read.reward == reply.reward, "a kept reward is as it was")
    case .null: require(read.reward?.isNull == true, "null reads back")
    case .value(let value): require(read.reward?.double() == value, "a reward reads back")
    }
}

private func check(_ breakdown: RawJSON?, _ reply: StepReply, _ read: StepReply) {
    let before = reply.metadata ?? RawJSON("null")
    guard let breakdown, before.kind == .null || PlainMember.members(of: before) != nil else {
        return require(read.metadata == reply.metadata, "metadata is as it was")
    }
    require(read.metadata?.member("rewardbridge") == breakdown, "a breakdown reads back")
    require(others(in: before) == others(in: read.metadata), "other metadata stays, in its order")
}

private func others(in metadata: RawJSON?) -> [PlainMember] {
    metadata.flatMap(PlainMember.members)?.filter { !$0.isOwn } ?? []
}

/// What comes before the first place of an edit, and after the last one.
private func checkRest(_ reply: StepReply, _ reward: RewardSplice, _ breakdown: RawJSON?, _ out: ByteBuffer) {
    let end = reply.payload.end(of: reply.data) - 1
    var edits: [Range<Int>] = []
    if reward != .keep { edits.append(reply.reward.map(reply.payload.span) ?? end..<end) }
    if breakdown != nil { edits.append(reply.metadata.map(reply.payload.span) ?? end..<end) }
    let first = edits.map(\.lowerBound).min() ?? reply.payload.readableBytes
    let last = edits.map(\.upperBound).max() ?? reply.payload.readableBytes
    let before = reply.payload.readableBytesView
    let after = out.readableBytesView
    require(before.prefix(first).elementsEqual(after.prefix(first)), "the bytes before are as they were")
    require(
        before.dropFirst(last).elementsEqual(after.suffix(before.count - last)),
        "the bytes behind are as they were"
    )
    if reward != .keep, breakdown != nil, let one = edits.first, let other = edits.last, !one.overlaps(other) {
        let middle = before[min(one.upperBound, other.upperBound)..<max(one.lowerBound, other.lowerBound)]
        require(out.contains(middle), "the bytes between are as they were")
    }
}

extension ByteBuffer {
    /// Where a value that was cut out of this text lies.
    fileprivate func span(of value: RawJSON) -> Range<Int> {
        withUnsafeReadableBytes { text in
            value.bytes.withUnsafeReadableBytes { value in
                guard let start = text.baseAddress, let from = value.baseAddress else { return 0..<0 }
                return from - start..<from - start + value.count
            }
        }
    }

    fileprivate func end(of value: RawJSON) -> Int { span(of: value).upperBound }

    fileprivate func contains(_ bytes: ByteBufferView) -> Bool {
        readableBytesView.indices.contains { readableBytesView[$0...].starts(with: bytes) } || bytes.isEmpty
    }
}
