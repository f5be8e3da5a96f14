import NIOCore

extension ByteBuffer {
    /// Writes a string with its quotes. Escaped is what RFC 8259 section 7 demands; the rest stays UTF-8.
    mutating func writeJSONString(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            guard bytes.firstEscapable(from: 0) < bytes.count else { return writeQuoted(bytes) }
            writeByte(.quote)
            writeEscaped(bytes)
            writeByte(.quote)
        }
    }

    /// Does what `writeInteger` does for a byte, in a tenth of the instructions.
    mutating func writeByte(_ byte: UInt8) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 1) { target in
            target[0] = byte
            return 1
        }
    }

    private mutating func writeQuoted(_ text: UnsafeRawBufferPointer) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: text.count &+ 2) { target in
            target[0] = .quote
            UnsafeMutableRawBufferPointer(rebasing: target[1...]).copyMemory(from: text)
            target[text.count &+ 1] = .quote
            return text.count &+ 2
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
