import JSONBytes
import NIOCore

/// The scan of eight bytes a turn finds what a scan byte by byte finds, at every alignment; what is found reads back.
func scan(_ input: UnsafeRawBufferPointer) {
    checkFirstValue(of: input)
    let text = RawJSON(ByteBuffer(bytes: input))
    checkMembers(of: text)
    checkElements(of: text)
    checkScalars(text)
    _ = JSONPointer(text.text)?.select(in: text)
}

private func checkFirstValue(of input: UnsafeRawBufferPointer) {
    let value = JSONCursor.firstValue(of: input, from: 0)
    require(value == PlainScan(input).firstValue(), "the same value, byte by byte")
    checkAlignment(input, value)
    checkTruncation(input, value)
}

/// In another place of a text, and with other bytes behind it that cannot belong to it.
private func checkAlignment(_ input: UnsafeRawBufferPointer, _ value: Range<Int>?) {
    guard let value else { return }
    let shift = 1 + input.count % 7
    let shifted = [UInt8](repeating: UInt8(ascii: "["), count: shift) + Array(input[value]) + [UInt8(ascii: ",")]
    shifted.withUnsafeBytes { text in
        let expected = shift..<shift + value.count
        require(JSONCursor.firstValue(of: text, from: shift) == expected, "the same value at another place")
    }
}

/// A string, an object or an array that lacks bytes at its end has no end.
private func checkTruncation(_ input: UnsafeRawBufferPointer, _ value: Range<Int>?) {
    guard let value, value.count > 1, [0x22, 0x7B, 0x5B].contains(input[value.lowerBound]) else { return }
    let kept = 1 + (value.count &* 31 &+ Int(input[value.upperBound - 2])) % (value.count - 1)
    let text = UnsafeRawBufferPointer(rebasing: input[value.lowerBound..<value.lowerBound + kept])
    require(JSONCursor.firstValue(of: text, from: 0) == nil, "nothing ends before its end")
}

private func checkMembers(of text: RawJSON) {
    guard let members = text.members() else { return }
    var last: [[Unicode.Scalar]: RawJSON] = [:]
    for (name, value) in members { last[Array(name.unicodeScalars)] = value }
    for (name, value) in last where !name.contains("\u{FFFD}") {
        let name = String(String.UnicodeScalarView(name))
        require(text.member(name) == value, "a member is the last of its name")
    }
    for (_, value) in members { checkScalars(value) }
}

private func checkElements(of text: RawJSON) {
    guard let elements = text.elements() else { return }
    for (index, value) in elements.prefix(8).enumerated() {
        require(text.element(at: index) == value, "an element is the one at its place")
    }
    require(text.element(at: elements.count) == nil, "no element after the last")
    elements.forEach(checkScalars)
}

private func checkScalars(_ value: RawJSON) {
    if let string = value.string() { checkString(string) }
    guard let number = value.double() else { return }
    if let read = Double(value.text) {
        require(number == read || number.isNaN, "a number is what the standard library reads")
    }
    if number.isFinite {
        var text = ByteBuffer()
        JSONWriter.appendDouble(number, to: &text)
        require(RawJSON(text).double() == number, "a number that was written reads back")
    }
    if let int = value.int() { require(Double(int) == number, "an integer is the number") }
}

private func checkString(_ string: String) {
    var writer = JSONWriter()
    writer.beginObject()
    writer.key(string)
    writer.string(string)
    writer.endObject()
    let written = writer.finish()
    let read = written.members()?.first
    require(read.map { $0.name.unicodeScalars.elementsEqual(string.unicodeScalars) } == true, "a name reads back")
    require(read?.value.string().map { $0.utf8.elementsEqual(string.utf8) } == true, "a string reads back")
}

extension JSONCursor {
    /// nil when there is none or it does not end.
    static func firstValue(of text: UnsafeRawBufferPointer, from offset: Int) -> Range<Int>? {
        var cursor = JSONCursor(text, from: offset)
        let span = cursor.value()
        return span.isEmpty ? nil : span
    }
}
