package import NIOCore

extension ByteBuffer {
    /// Whether a JSON text may hold one of two strings. Told from a search of its bytes, so that no is certain and yes is
    /// not: the string may stand anywhere, and a `\u` anywhere might spell it.
    ///
    /// - Parameters: the strings with their quotes, of letters only, which no shorter escape spells.
    package func mayHold(_ first: StaticString, or second: StaticString) -> Bool {
        withUnsafeReadableBytes { text in
            first.withUTF8Buffer { first in
                second.withUTF8Buffer { second in
                    text.mayHold(UnsafeRawBufferPointer(first), or: UnsafeRawBufferPointer(second))
                }
            }
        }
    }
}

extension UnsafeRawBufferPointer {
    /// Looks for quotes and backslashes, eight bytes a turn, and at the rest only behind those.
    fileprivate func mayHold(_ first: UnsafeRawBufferPointer, or second: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < count {
            let word = word(at: offset)
            var marks = word.bytes(equalTo: .quote) | word.bytes(equalTo: .backslash)
            while marks != 0 {
                let place = offset &+ marks.firstMark
                if self[place] == .backslash {
                    if byte(at: place &+ 1) == UInt8(ascii: "u") { return true }
                } else if begins(with: first, at: place) || begins(with: second, at: place) {
                    return true
                }
                marks &= marks &- 1
            }
            offset &+= 8
        }
        return false
    }

    @inline(__always)
    private func begins(with word: UnsafeRawBufferPointer, at start: Int) -> Bool {
        guard start &+ word.count <= count else { return false }
        var index = 0
        while index < word.count {
            if self[start &+ index] != word[index] { return false }
            index &+= 1
        }
        return true
    }
}
