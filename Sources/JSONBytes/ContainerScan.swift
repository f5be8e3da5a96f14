extension UnsafeRawBufferPointer {
    /// The end of the object or array that begins here: where, outside strings, as many brackets are closed as opened.
    ///
    /// Eight bytes a turn and no branch for each bracket or quote, so that dense and irregular texts cost no more than
    /// smooth ones; depth is a number, so that no nesting is too deep.
    func endOfContainer(from start: Int) -> Int? {
        var depth = 0
        var offset = start
        // All ones while a string is open at the start of the word.
        var inString: UInt64 = 0
        while offset < count {
            let word = word(at: offset)
            // Most of a long text is neither; that is worth a branch.
            if inString != 0, word.bytes(equalTo: .quote) | word.bytes(equalTo: .backslash) == 0 {
                offset &+= 8
                continue
            }
            let (quotes, escaped, length) = word.unescapedQuotes
            let strings = quotes.oddMarks ^ inString
            inString = strings.lastMarkEverywhere
            // `[` and `{`, and likewise `]` and `}`, differ in this bit alone, and no other byte becomes equal to them.
            let brackets = word | .repeating(0x20)
            let hidden = strings | escaped
            let opening = brackets.bytes(equalTo: .openBrace) & ~hidden
            let closing = brackets.bytes(equalTo: .closeBrace) & ~hidden
            let closed = closing.markCount
            if closed != 0, closed >= depth, let end = Self.balance(opening, closing, depth: depth) {
                return offset &+ end
            }
            depth = depth &+ opening.markCount &- closed
            offset &+= length
        }
        return nil
    }

    /// Where in a word the depth comes down to zero, byte after byte.
    private static func balance(_ opening: UInt64, _ closing: UInt64, depth: Int) -> Int? {
        var depth = depth
        var marks = opening | closing
        while marks != 0 {
            let mark = marks & (0 &- marks)
            depth = mark & opening != 0 ? depth &+ 1 : depth &- 1
            if depth == 0 { return mark.firstMark &+ 1 }
            marks &= marks &- 1
        }
        return nil
    }
}

extension UInt64 {
    /// Marks of the quotes with no backslash before them, of the bytes that have one, and how many bytes to go on
    /// by: nine when the last byte is a backslash, whose escaped byte is then passed over.
    @inline(__always)
    fileprivate var unescapedQuotes: (marks: UInt64, escaped: UInt64, length: Int) {
        let quotes = bytes(equalTo: .quote)
        let backslashes = bytes(equalTo: .backslash)
        return backslashes == 0 ? (quotes, 0, 8) : Self.dropEscaped(from: quotes, backslashes)
    }

    private static func dropEscaped(
        from quotes: UInt64,
        _ backslashes: UInt64
    ) -> (marks: UInt64, escaped: UInt64, length: Int) {
        var backslashes = backslashes
        var escaped: UInt64 = 0
        var length = 8
        while backslashes != 0 {
            let mark = backslashes & (0 &- backslashes)
            if mark == 1 &<< 63 { length = 9 }
            escaped |= mark &<< 8
            backslashes &= ~(mark | mark &<< 8)
        }
        return (quotes & ~escaped, escaped, length)
    }
}
