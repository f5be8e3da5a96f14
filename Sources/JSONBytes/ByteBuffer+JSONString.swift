import NIOCore

extension ByteBuffer {
    /// Writes a string with its quotes. Escaped is what RFC 8259 section 7 demands; the rest stays UTF-8.
    mutating func writeJSONString(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            writeInteger(UInt8.quote)
            writeEscaped(UnsafeRawBufferPointer(utf8))
            writeInteger(UInt8.quote)
        }
    }

    private mutating func writeEscaped(_ text: UnsafeRawBufferPointer) {
        var start = 0
        while start < text.count {
            let end = text.firstEscapable(from: start)
            writeBytes(UnsafeRawBufferPointer(rebasing: text[start..<end]))
            if end < text.count { writeEscape(of: text[end]) }
            start = end &+ 1
        }
    }

    private mutating func writeEscape(of byte: UInt8) {
        switch byte {
        case .quote: writeStaticString("\\\"")
        case .backslash: writeStaticString("\\\\")
        case .newline: writeStaticString("\\n")
        case .carriageReturn: writeStaticString("\\r")
        case .tab: writeStaticString("\\t")
        default:
            writeStaticString("\\u00")
            let digits = String(byte, radix: 16)
            writeString(byte < 0x10 ? "0" + digits : digits)
        }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func firstEscapable(from start: Int) -> Int {
        var offset = start
        while offset < count {
            let word = word(at: offset)
            let marks = word.bytes(equalTo: .quote) | word.bytes(equalTo: .backslash) | word.controlBytes
            // Zeros after the end are marked as well.
            if marks != 0 { return Swift.min(offset &+ marks.firstMark, count) }
            offset &+= 8
        }
        return count
    }
}
