import JSONBytes
import NIOCore
import OpenEnvWire

/// The reset key is cut out whole, and nothing else: the other arguments stay, byte for byte and in their order.
///
/// The input is a client's message and the body of an HTTP reset.
func reset(_ input: UnsafeRawBufferPointer) {
    let payload = ByteBuffer(bytes: input)
    let message = ClientMessage.scan(payload)
    require(!message.isToolListing || message.kind == .step, "only a step lists tools")
    if let key = message.resetKey { check(key, of: message, in: payload) }
    if let (value, rest) = ResetKey.cut(fromObject: payload) { checkBody(value, rest, payload) }
    let answer = ErrorFrame.validation(message: String(buffer: payload))
    require(ServerMessage.scan(answer).kind == .error, "a refusal is an error frame")
}

private func check(_ key: ResetKey, of message: ClientMessage, in payload: ByteBuffer) {
    require(message.kind == .reset, "only a reset has a key")
    let rest = ClientMessage.scan(key.payloadWithoutKey)
    require(rest.kind == .reset && rest.resetKey == nil, "without its key it is a reset still")
    require(key.value == message.data?.member("rewardbridge"), "the key's value is the last one")
    checkArguments(of: rest.data, message.data)
    checkCut(payload, key.payloadWithoutKey)
    guard let before = message.data, let after = rest.data else { return require(false, "data stays") }
    let envelope = payload.readableBytes - before.count
    require(envelope == key.payloadWithoutKey.readableBytes - after.count, "the envelope is as it was")
}

private func checkBody(_ value: RawJSON, _ rest: ByteBuffer, _ payload: ByteBuffer) {
    require(ResetKey.cut(fromObject: rest) == nil, "cut once is cut out")
    checkCut(payload, rest)
    // Python passes over a byte order mark; RawJSON has none.
    guard let body = PlainMember.members(of: RawJSON(payload)) else { return }
    require(body.last { $0.isOwn }?.value == value, "the key's value is the last one")
    checkArguments(of: RawJSON(rest), RawJSON(payload))
}

private func checkArguments(of rest: RawJSON?, _ data: RawJSON?) {
    guard let rest = rest.flatMap(PlainMember.members), let data = data.flatMap(PlainMember.members) else {
        return require(false, "arguments are an object, before and after")
    }
    require(rest == data.filter { !$0.isOwn }, "the other arguments are as they were, in their order")
}

/// The rest is what was there, less some bytes.
private func checkCut(_ payload: ByteBuffer, _ rest: ByteBuffer) {
    var kept = rest.readableBytesView[...]
    for byte in payload.readableBytesView where byte == kept.first { kept = kept.dropFirst() }
    require(kept.isEmpty, "nothing is put in")
    require(rest.readableBytes < payload.readableBytes, "something is taken out")
}
