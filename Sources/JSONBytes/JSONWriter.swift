package import NIOCore

/// Writes one JSON value, compact, commas included.
///
/// Calls must follow the grammar: a key before each member's value, an end for each begin. Nothing is checked but that
/// brackets balance, and that a number is one.
package struct JSONWriter {
    /// What was written so far, after what the buffer held before.
    package private(set) var buffer: ByteBuffer
    private var depth = 0
    /// A value stands before the next one.
    private var needsComma = false

    package init(capacity: Int = 256) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    /// Goes on at the end of a buffer, so that a frame's header can come before the value.
    package init(appendingTo buffer: ByteBuffer) {
        self.buffer = buffer
    }

    package mutating func beginObject() { begin(.openBrace) }

    package mutating func endObject() { end(.closeBrace) }

    package mutating func beginArray() { begin(.openBracket) }

    package mutating func endArray() { end(.closeBracket) }

    package mutating func key(_ name: String) {
        string(name)
        buffer.writeByte(.colon)
        needsComma = false
    }

    package mutating func string(_ text: String) {
        separate()
        buffer.writeJSONString(text)
    }

    /// Always written as a float; see ``appendDouble(_:to:)``.
    package mutating func double(_ value: Double) {
        separate()
        Self.appendDouble(value, to: &buffer)
    }

    package mutating func int(_ value: Int) {
        separate()
        buffer.writeString(String(value))
    }

    package mutating func bool(_ value: Bool) {
        separate()
        buffer.writeStaticString(value ? "true" : "false")
    }

    package mutating func null() {
        separate()
        buffer.writeStaticString("null")
    }

    package mutating func raw(_ value: RawJSON) {
        separate()
        buffer.writeImmutableBuffer(value.bytes)
    }

    /// The value, of a writer that began with a buffer of its own.
    package consuming func finish() -> RawJSON {
        precondition(depth == 0, "a JSON object or array was begun and not ended")
        return RawJSON(buffer)
    }

    /// The shortest text that reads back as the same double, and as a float in Python: `1.0`, `1e+22`.
    ///
    /// The value must be finite: JSON has no other.
    package static func appendDouble(_ value: Double, to buffer: inout ByteBuffer) {
        buffer.writeString(text(of: value))
    }

    /// What ``appendDouble(_:to:)`` writes.
    package static func text(of value: Double) -> String {
        precondition(value.isFinite, "JSON has no text for a number that is not finite")
        return value.description
    }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        buffer.writeByte(bracket)
        depth += 1
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        buffer.writeByte(bracket)
        depth -= 1
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeByte(.comma) }
        needsComma = true
    }
}
