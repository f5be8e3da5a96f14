package import JSONBytes
package import NIOCore

/// What becomes of a reply's reward.
package enum RewardSplice: Sendable, Hashable {
    case keep
    case null
    /// Finite.
    case value(Double)
}

extension StepReply {
    /// The message with another reward, and with a breakdown merged into `data.metadata` as its member `rewardbridge`;
    /// every other byte is as it was.
    ///
    /// What is replaced is what Python reads, the last of members of one name; what is missing comes in before the
    /// closing brace. Metadata that is neither an object nor null stays, and the breakdown is dropped.
    package func spliced(reward: RewardSplice, breakdown: RawJSON? = nil) -> ByteBuffer {
        let rewardEdit = edit(reward: reward)
        let metadataEdit = breakdown.flatMap { edit(breakdown: $0, afterReward: rewardEdit != nil) }
        switch (rewardEdit, metadataEdit) {
        case (nil, nil): return payload
        case (let edit?, nil), (nil, let edit?): return applying(edit, nil)
        case (let first?, let second?):
            return second.span.lowerBound < first.span.lowerBound ? applying(second, first) : applying(first, second)
        }
    }

    private func edit(reward: RewardSplice) -> Edit? {
        let content: Edit.Content
        switch reward {
        case .keep: return nil
        case .null: content = .null
        case .value(let value): content = .number(value)
        }
        if let span = spans.reward { return Edit(span: span, content: content) }
        return Edit(span: endOfData, before: spans.dataIsEmpty ? #""reward":"# : #","reward":"#, content: content)
    }

    private func edit(breakdown: RawJSON, afterReward: Bool) -> Edit? {
        guard let span = spans.metadata, let metadata else {
            let isFirst = spans.dataIsEmpty && !afterReward
            let before: StaticString = isFirst ? #""metadata":{"rewardbridge":"# : #","metadata":{"rewardbridge":"#
            return Edit(span: endOfData, before: before, content: .json(breakdown), after: "}")
        }
        switch metadata.kind {
        case .null: return Edit(span: span, before: #"{"rewardbridge":"#, content: .json(breakdown), after: "}")
        case .object: return edit(breakdown: breakdown, inObject: span)
        default: return nil
        }
    }

    private func edit(breakdown: RawJSON, inObject span: Range<Int>) -> Edit {
        payload.withUnsafeReadableBytes { text in
            var cursor = JSONCursor(text, from: span.lowerBound)
            var existing: Range<Int>?
            var isEmpty = true
            _ = cursor.enterObject()
            while let key = cursor.nextKey() {
                isEmpty = false
                let value = cursor.value()
                if cursor.string(key, equals: "rewardbridge") { existing = value }
            }
            if let existing { return Edit(span: existing, content: .json(breakdown)) }
            let brace = span.upperBound - 1..<span.upperBound - 1
            let before: StaticString = isEmpty ? #""rewardbridge":"# : #","rewardbridge":"#
            return Edit(span: brace, before: before, content: .json(breakdown))
        }
    }

    /// Before the closing brace of `data`.
    private var endOfData: Range<Int> { spans.data.upperBound - 1..<spans.data.upperBound - 1 }

    private func applying(_ first: Edit, _ second: Edit?) -> ByteBuffer {
        let room = payload.readableBytes + first.size + (second?.size ?? 0)
        var copy = ByteBufferAllocator().buffer(capacity: room)
        var start = 0
        payload.withUnsafeReadableBytes { text in
            for edit in [first, second].compactMap(\.self) {
                copy.writeBytes(UnsafeRawBufferPointer(rebasing: text[start..<edit.span.lowerBound]))
                edit.write(to: &copy)
                start = edit.span.upperBound
            }
            copy.writeBytes(UnsafeRawBufferPointer(rebasing: text[start...]))
        }
        return copy
    }
}

/// Other bytes for those of a span, which is empty where something comes in.
private struct Edit {
    enum Content {
        case null
        case number(Double)
        case json(RawJSON)
    }

    var span: Range<Int>
    var before: StaticString = ""
    var content: Content
    var after: StaticString = ""

    /// At most what it writes, roughly.
    var size: Int {
        let fixed = before.utf8CodeUnitCount + after.utf8CodeUnitCount
        if case .json(let value) = content { return fixed + value.count }
        return fixed + 26
    }

    func write(to buffer: inout ByteBuffer) {
        buffer.writeStaticString(before)
        switch content {
        case .null: buffer.writeStaticString("null")
        case .number(let value): JSONWriter.appendDouble(value, to: &buffer)
        case .json(let value): buffer.writeImmutableBuffer(value.bytes)
        }
        buffer.writeStaticString(after)
    }
}
