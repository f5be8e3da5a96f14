package import JSONBytes
package import NIOCore

/// A reply to a step or a reset: `{"type":"observation","data":{"observation":...,"reward":...,"done":...}}`.
///
/// Found in one pass over the message. Values share its storage; of members of one name the last counts, as in Python.
package struct StepReply: Sendable {
    /// The whole message.
    package let payload: ByteBuffer
    let spans: StepReplySpans

    /// - Parameter payload: of a text message.
    /// - Returns: nil unless it is an observation whose `data` is an object, and well formed.
    package init?(payload: ByteBuffer) {
        guard let spans = payload.withUnsafeReadableBytes(StepReplySpans.init) else { return nil }
        self.payload = payload
        self.spans = spans
    }

    package var data: RawJSON { slice(spans.data) ?? RawJSON("null") }

    package var observation: RawJSON? { slice(spans.observation) }

    package var reward: RawJSON? { slice(spans.reward) }

    package var metadata: RawJSON? { slice(spans.metadata) }

    /// Only `true` is; a missing or odd value is not.
    package var done: Bool { slice(spans.done)?.bool() == true }

    private func slice(_ span: Range<Int>?) -> RawJSON? { span.flatMap(RawJSON(payload).slice) }
}

/// Where the values of a reply are.
struct StepReplySpans {
    private(set) var data = 0..<0
    private(set) var observation: Range<Int>?
    private(set) var reward: Range<Int>?
    private(set) var done: Range<Int>?
    private(set) var metadata: Range<Int>?
    private(set) var dataIsEmpty = true

    init?(_ text: UnsafeRawBufferPointer) {
        var cursor = JSONCursor(text)
        var found: StepReplySpans?
        let envelope = Envelope.walk(&cursor) { found = StepReplySpans(data: &$0) }
        guard
            let type = envelope?.type, cursor.string(type, equals: "observation"),
            let data = envelope?.data, let found
        else { return nil }
        self = found
        self.data = data
    }

    /// Takes the value at the cursor; nil when it is no object.
    private init?(data cursor: inout JSONCursor) {
        guard cursor.enterObject() else {
            _ = cursor.value()
            return nil
        }
        while let key = cursor.nextKey() {
            dataIsEmpty = false
            let value = cursor.value()
            if cursor.string(key, equals: "observation") {
                observation = value
            } else if cursor.string(key, equals: "reward") {
                reward = value
            } else if cursor.string(key, equals: "done") {
                done = value
            } else if cursor.string(key, equals: "metadata") {
                metadata = value
            }
        }
    }
}
