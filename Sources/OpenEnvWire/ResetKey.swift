package import JSONBytes
package import NIOCore

/// The bridge's own key in the arguments of a reset, `rewardbridge`, and the message without it.
package struct ResetKey: Sendable, Hashable {
    /// Of several, the last, as Python would read it.
    package let value: RawJSON
    /// The message with every occurrence cut out, each with one comma and the white space around that; every other byte
    /// is as it was.
    package let payloadWithoutKey: ByteBuffer

    /// Cuts the key out of the body of an HTTP `/reset`, whose top-level object holds the arguments. A UTF-8 byte order
    /// mark before it is passed over, since Python's `json.loads` of bytes does so.
    ///
    /// - Returns: nil when it is not there, or when the body is no object or malformed.
    package static func cut(fromObject payload: ByteBuffer) -> (value: RawJSON, rest: ByteBuffer)? {
        let scan = payload.withUnsafeReadableBytes { text -> ResetKeyScan? in
            var cursor = JSONCursor(text, from: text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
            let scan = ResetKeyScan(&cursor)
            return cursor.reachesEnd() ? scan : nil
        }
        return scan?.key(in: payload).map { ($0.value, $0.payloadWithoutKey) }
    }
}

/// Looks for the key among the members of an object.
struct ResetKeyScan {
    private var value: Range<Int>?
    private var cut = MemberCut()
    /// The object says `"type": "list_tools"`.
    private(set) var isToolListing = false

    /// Takes the value at the cursor; finds nothing when it is no object.
    init(_ cursor: inout JSONCursor) {
        guard cursor.enterObject() else {
            _ = cursor.value()
            return
        }
        while let key = cursor.nextKey() {
            let value = cursor.value()
            if cursor.string(key, equals: "rewardbridge") {
                self.value = value
                cut.drop(from: key.lowerBound, to: value.upperBound)
            } else {
                if cursor.string(key, equals: "type") { isToolListing = cursor.string(value, equals: "list_tools") }
                cut.keep(from: key.lowerBound, to: value.upperBound)
            }
        }
    }

    /// The text must be well formed.
    func key(in payload: ByteBuffer) -> ResetKey? {
        guard let span = value, let value = RawJSON(payload).slice(span) else { return nil }
        return ResetKey(value: value, payloadWithoutKey: cut.applied(to: payload))
    }
}
