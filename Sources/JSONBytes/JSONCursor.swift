/// Walks forward over one JSON text without copying or allocating, a value at a time.
///
/// A span is a range of offsets into the text; a key's span includes its quotes, as a string value's does. Nothing
/// needs checking on the way: at the first malformed byte the cursor stops for good, keys and elements come to an end,
/// spans are empty, and ``reachesEnd()`` says so at last. For texts that Python's `json.loads` takes, every span is the
/// one that Python reads.
///
/// ```
/// if cursor.enterObject() {
///     while let key = cursor.nextKey() {
///         let value = cursor.value()  // or enter it
///     }
/// }
/// ```
///
/// Unsafe: the cursor must not outlive the closure that lent it the buffer.
package struct JSONCursor {
    private let text: UnsafeRawBufferPointer
    /// Where the cursor stands.
    package private(set) var offset: Int
    private var isMalformed = false
    /// The cursor is between an opening bracket and the first thing after it.
    private var isFirst = false

    package init(_ text: UnsafeRawBufferPointer, from offset: Int = 0) {
        self.text = text
        self.offset = text.skipSpace(from: offset)
    }

    /// Steps into the object at the cursor; false, without moving, when the value is something else.
    package mutating func enterObject() -> Bool { enter(.openBrace) }

    /// Steps into the array at the cursor; false, without moving, when the value is something else.
    package mutating func enterArray() -> Bool { enter(.openBracket) }

    private mutating func enter(_ bracket: UInt8) -> Bool {
        guard text.byte(at: offset) == bracket else { return false }
        offset = text.skipSpace(from: offset &+ 1)
        isFirst = true
        return true
    }

    /// The next key of the object that was entered last, leaving the cursor at its value, which must be taken or
    /// entered before the next call; nil at the end of the object, leaving the cursor after it.
    package mutating func nextKey() -> Range<Int>? {
        guard hasNext(before: .closeBrace) else { return nil }
        let start = offset
        guard text.byte(at: start) == .quote, let end = text.endOfString(from: start) else {
            fail()
            return nil
        }
        offset = text.skipSpace(from: end)
        guard text.byte(at: offset) == .colon else {
            fail()
            return nil
        }
        offset = text.skipSpace(from: offset &+ 1)
        return start..<end
    }

    /// Whether the array that was entered last goes on, leaving the cursor at the element, which must be taken or
    /// entered before the next call; false at the end of the array, leaving the cursor after it.
    package mutating func nextElement() -> Bool { hasNext(before: .closeBracket) }

    /// Passes the value at the cursor.
    package mutating func value() -> Range<Int> {
        let start = offset
        guard let end = text.endOfValue(from: start) else {
            fail()
            return offset..<offset
        }
        offset = end
        return start..<end
    }

    /// Whether only white space is left after a whole value.
    package mutating func reachesEnd() -> Bool {
        offset = text.skipSpace(from: offset)
        return !isMalformed && offset == text.count
    }

    /// Passes the comma before the next member or element, or the closing bracket.
    private mutating func hasNext(before close: UInt8) -> Bool {
        offset = text.skipSpace(from: offset)
        let needsComma = !isFirst
        isFirst = false
        guard let next = text.byte(at: offset), next != close else {
            if offset < text.count { offset &+= 1 } else { fail() }
            return false
        }
        guard needsComma else { return true }
        guard next == .comma else {
            fail()
            return false
        }
        offset = text.skipSpace(from: offset &+ 1)
        return true
    }

    /// At the end of the text nothing more is found, by any of the above.
    private mutating func fail() {
        isMalformed = true
        offset = text.count
    }
}

extension JSONCursor {
    /// Whether a span is a string that means these characters, however it is spelt (`"rewar\u0064"` means `reward`).
    package func string(_ span: Range<Int>, equals name: StaticString) -> Bool {
        text.string(span, equals: UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    }
}
