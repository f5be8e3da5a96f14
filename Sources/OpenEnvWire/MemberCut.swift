import NIOCore

/// Which bytes of an object to leave out so that some of its members are gone: each with one comma, and the white space
/// around that comma. Fed with all members in order.
struct MemberCut {
    private(set) var spans: [Range<Int>] = []
    private var keepsAny = false
    /// The end of the member before.
    private var end: Int?

    mutating func keep(from start: Int, to end: Int) {
        closeLeadingCut(at: start)
        keepsAny = true
        self.end = end
    }

    /// A member that goes: with the comma before it when one before it stays, else with the comma after it.
    mutating func drop(from start: Int, to end: Int) {
        closeLeadingCut(at: start)
        let from = keepsAny ? self.end ?? start : start
        spans.append(from..<end)
        self.end = end
    }

    private mutating func closeLeadingCut(at next: Int) {
        guard !keepsAny, let last = spans.popLast() else { return }
        spans.append(last.lowerBound..<next)
    }

    /// A copy without those bytes.
    func applied(to payload: ByteBuffer) -> ByteBuffer {
        var rest = ByteBufferAllocator().buffer(capacity: payload.readableBytes)
        payload.withUnsafeReadableBytes { text in
            var start = 0
            for span in spans {
                rest.writeBytes(text[start..<span.lowerBound])
                start = span.upperBound
            }
            rest.writeBytes(text[start...])
        }
        return rest
    }
}
