import NIOCore

extension RawJSON {
    /// What a string means: escapes resolved; lone surrogates, and bytes that are not UTF-8, become U+FFFD.
    ///
    /// - Returns: nil when this is no string, or has an escape that JSON does not know.
    package func string() -> String? {
        bytes.withUnsafeReadableBytes { text in
            guard text.byte(at: 0) == .quote, text.endOfString(from: 0) == text.count else { return nil }
            let inside = UnsafeRawBufferPointer(rebasing: text[1..<text.count - 1])
            guard inside.contains(.backslash) else { return String(decoding: inside, as: UTF8.self) }
            return Unescaped(inside).map { String(decoding: $0.bytes, as: UTF8.self) }
        }
    }
}
