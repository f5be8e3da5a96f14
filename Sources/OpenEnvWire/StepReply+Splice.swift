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
    /// closing brace. Metadata that is neither an object nor null, or malformed, stays, and the breakdown is dropped.
    package func spliced(reward: RewardSplice, breakdown: RawJSON? = nil) -> ByteBuffer {
        guard let edits = edits(reward, breakdown) else { return payload }
        var copy = ByteBufferAllocator().buffer(capacity: payload.readableBytes + edits.growth)
        write(edits, to: &copy)
        return copy
    }

    /// The same as a whole frame from a server, with one copy of the payload and not two.
    package func splicedFrame(reward: RewardSplice, breakdown: RawJSON? = nil) -> ByteBuffer {
        guard let edits = edits(reward, breakdown) else { return FrameEncoder.text(payload, maskingKey: nil) }
        let length = payload.readableBytes + edits.growth
        var frame = FrameEncoder.header(opcode: .text, payloadLength: length, maskingKey: nil)
        write(edits, to: &frame)
        return frame
    }

    private func edits(_ reward: RewardSplice, _ breakdown: RawJSON?) -> Edits? {
        let rewardEdit = edit(reward: reward)
        let metadataEdit = breakdown.flatMap { edit(breakdown: $0, afterReward: rewardEdit != nil) }
        switch (rewardEdit, metadataEdit) {
        case (nil, nil): return nil
        case (let edit?, nil), (nil, let edit?): return Edits(first: edit)
        case (let reward?, let metadata?):
            let isInOrder = reward.span.lowerBound <= metadata.span.lowerBound
            return isInOrder ? Edits(first: reward, second: metadata) : Edits(first: metadata, second: reward)
        }
    }

    private func edit(reward: RewardSplice) -> Edit? {
        let content: Edit.Content
        switch reward {
        case .keep: return nil
        case .null: content = .text("null")
        case .value(let value): content = .text(JSONWriter.text(of: value))
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

    private func edit(breakdown: RawJSON, inObject span: Range<Int>) -> Edit? {
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
            guard cursor.offset == span.upperBound else { return nil }
            if let existing { return Edit(span: existing, content: .json(breakdown)) }
            let brace = span.upperBound - 1..<span.upperBound - 1
            let before: StaticString = isEmpty ? #""rewardbridge":"# : #","rewardbridge":"#
            return Edit(span: brace, before: before, content: .json(breakdown))
        }
    }

    /// Before the closing brace of `data`.
    private var endOfData: Range<Int> { spans.data.upperBound - 1..<spans.data.upperBound - 1 }

    private func write(_ edits: Edits, to buffer: inout ByteBuffer) {
        payload.withUnsafeReadableBytes { text in
            var start = edits.first.apply(to: text, from: 0, into: &buffer)
            if let second = edits.second { start = second.apply(to: text, from: start, into: &buffer) }
            buffer.writeBytes(UnsafeRawBufferPointer(rebasing: text[start...]))
        }
    }
}

/// One edit or two, in the order of their places.
private struct Edits {
    var first: Edit
    var second: Edit?

    /// Bytes that the message grows by.
    var growth: Int { first.growth + (second?.growth ?? 0) }
}

/// Other bytes for those of a span, which is empty where something comes in.
private struct Edit {
    enum Content {
        case text(String)
        case json(RawJSON)
    }

    var span: Range<Int>
    var before: StaticString = ""
    var content: Content
    var after: StaticString = ""

    var growth: Int {
        let fixed = before.utf8CodeUnitCount + after.utf8CodeUnitCount - span.count
        return switch content {
        case .text(let text): fixed + text.utf8.count
        case .json(let value): fixed + value.count
        }
    }

    /// Copies what is left before the span, and writes what takes the span's place.
    /// - Returns: where the rest begins.
    func apply(to text: UnsafeRawBufferPointer, from start: Int, into buffer: inout ByteBuffer) -> Int {
        buffer.writeBytes(UnsafeRawBufferPointer(rebasing: text[start..<span.lowerBound]))
        buffer.writeStaticString(before)
        switch content {
        case .text(let text): buffer.writeString(text)
        case .json(let value): buffer.writeImmutableBuffer(value.bytes)
        }
        buffer.writeStaticString(after)
        return span.upperBound
    }
}
