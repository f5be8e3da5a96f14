import NIOCore

extension RawJSON {
    /// A member's value: that of the last one of the name, as Python reads it. Names are compared as what they mean,
    /// escapes resolved.
    ///
    /// Takes one pass over the object; the value shares its storage.
    /// - Returns: nil when there is none, or when this is no object or malformed.
    package func member(_ name: String) -> RawJSON? {
        var name = name
        let found = name.withUTF8 { name in
            bytes.withUnsafeReadableBytes { Self.lastMember(UnsafeRawBufferPointer(name), in: $0) }
        }
        return found.flatMap(slice)
    }

    private static func lastMember(
        _ name: UnsafeRawBufferPointer,
        in text: UnsafeRawBufferPointer
    ) -> Range<Int>? {
        var cursor = JSONCursor(text)
        guard cursor.enterObject() else { return nil }
        var found: Range<Int>?
        while let key = cursor.nextKey() {
            let value = cursor.value()
            if text.string(key, equals: name) { found = value }
        }
        return cursor.reachesEnd() ? found : nil
    }

    /// The members in their order, all of those that share a name included.
    ///
    /// - Returns: nil when this is no object or malformed.
    package func members() -> [(name: String, value: RawJSON)]? {
        let spans = bytes.withUnsafeReadableBytes { text -> [MemberSpan]? in
            var cursor = JSONCursor(text)
            guard cursor.enterObject() else { return nil }
            var spans: [MemberSpan] = []
            while let key = cursor.nextKey() { spans.append((key, cursor.value())) }
            return cursor.reachesEnd() ? spans : nil
        }
        return spans.flatMap(named)
    }

    /// The members by name; of those that share a name, the last.
    ///
    /// - Returns: nil when this is no object or malformed.
    package func memberTable() -> [String: RawJSON]? {
        members().map { Dictionary($0.map { ($0.name, $0.value) }) { $1 } }
    }

    private typealias MemberSpan = (key: Range<Int>, value: Range<Int>)

    private func named(_ spans: [MemberSpan]) -> [(name: String, value: RawJSON)]? {
        var members: [(name: String, value: RawJSON)] = []
        members.reserveCapacity(spans.count)
        for span in spans {
            guard let name = slice(span.key)?.string(), let value = slice(span.value) else { return nil }
            members.append((name, value))
        }
        return members
    }

    /// - Returns: nil when this is no array or malformed.
    package func elements() -> [RawJSON]? {
        let spans = bytes.withUnsafeReadableBytes { text -> [Range<Int>]? in
            var cursor = JSONCursor(text)
            guard cursor.enterArray() else { return nil }
            var spans: [Range<Int>] = []
            while cursor.nextElement() { spans.append(cursor.value()) }
            return cursor.reachesEnd() ? spans : nil
        }
        return spans.map { $0.compactMap(slice) }
    }

    /// - Returns: nil when there is none, or when this is no array or malformed.
    package func element(at index: Int) -> RawJSON? {
        let span = bytes.withUnsafeReadableBytes { text -> Range<Int>? in
            var cursor = JSONCursor(text)
            guard cursor.enterArray() else { return nil }
            var position = 0
            var found: Range<Int>?
            while cursor.nextElement() {
                let value = cursor.value()
                if position == index { found = value }
                position += 1
            }
            return cursor.reachesEnd() ? found : nil
        }
        return span.flatMap(slice)
    }

    /// The value at a span of offsets from the first readable byte; nil outside of the text.
    package func slice(_ span: Range<Int>) -> RawJSON? {
        bytes.getSlice(at: bytes.readerIndex + span.lowerBound, length: span.count).map(RawJSON.init)
    }
}
