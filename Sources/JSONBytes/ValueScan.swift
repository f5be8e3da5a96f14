/// Where values end. An offset is a byte's distance from the buffer's start, and one past its end at most.
///
/// What is exact: in a text that Python's `json.loads` takes, each function finds the end that Python finds. What is
/// lenient: inside an object or array that is passed over, only strings and brackets are looked at, and brackets are
/// counted without their kind. A span cut out of a text that Python refuses may therefore be something that Python
/// refuses as well; put into another text it makes Python refuse that, and never makes it read something else.
extension UnsafeRawBufferPointer {
    @inline(__always)
    func byte(at offset: Int) -> UInt8? { offset < count ? self[offset] : nil }

    /// The first offset, from this one on, that holds no white space (RFC 8259 section 2).
    @inline(__always)
    func skipSpace(from start: Int) -> Int {
        var offset = start
        while offset < count {
            switch self[offset] {
            case .space, .newline, .carriageReturn, .tab: offset &+= 1
            default: return offset
            }
        }
        return offset
    }

    /// The end of the value that begins here; nil when there is none or when it does not end.
    func endOfValue(from start: Int) -> Int? {
        guard let first = byte(at: start) else { return nil }
        switch first {
        case .quote: return endOfString(from: start)
        case .openBrace, .openBracket: return endOfContainer(from: start)
        case .minus, .zero ... .nine: return endOfNumber(from: start)
        default: return endOfLiteral(from: start)
        }
    }

    /// - Parameter start: where the opening quote is.
    func endOfString(from start: Int) -> Int? {
        var offset = start &+ 1
        while offset < count {
            let word = word(at: offset)
            let marks = word.bytes(equalTo: .quote) | word.bytes(equalTo: .backslash)
            guard marks != 0 else {
                offset &+= 8
                continue
            }
            offset &+= marks.firstMark
            if self[offset] == .quote { return offset &+ 1 }
            offset &+= 2
        }
        return nil
    }

    /// `-Infinity` is a number here, as it is for Python.
    func endOfNumber(from start: Int) -> Int? {
        var offset = start
        if byte(at: offset) == .minus { offset &+= 1 }
        if byte(at: offset) == UInt8(ascii: "I") { return end(of: "Infinity", from: offset) }
        guard let integer = endOfDigits(from: offset), integer == offset &+ 1 || self[offset] != .zero else {
            return nil
        }
        offset = integer
        if byte(at: offset) == .point {
            guard let fraction = endOfDigits(from: offset &+ 1) else { return nil }
            offset = fraction
        }
        if let mark = byte(at: offset), mark | 0x20 == UInt8(ascii: "e") {
            offset &+= 1
            if let sign = byte(at: offset), sign == .plus || sign == .minus { offset &+= 1 }
            guard let exponent = endOfDigits(from: offset) else { return nil }
            offset = exponent
        }
        return offset
    }

    /// The end of one digit or more.
    private func endOfDigits(from start: Int) -> Int? {
        var offset = start
        while offset < count, self[offset] &- .zero < 10 { offset &+= 1 }
        return offset > start ? offset : nil
    }

    private func endOfLiteral(from start: Int) -> Int? {
        switch self[start] {
        case UInt8(ascii: "n"): end(of: "null", from: start)
        case UInt8(ascii: "t"): end(of: "true", from: start)
        case UInt8(ascii: "f"): end(of: "false", from: start)
        case UInt8(ascii: "N"): end(of: "NaN", from: start)
        case UInt8(ascii: "I"): end(of: "Infinity", from: start)
        default: nil
        }
    }

    private func end(of word: StaticString, from start: Int) -> Int? {
        let end = start &+ word.utf8CodeUnitCount
        return end <= count && holds(word, at: start) ? end : nil
    }

    /// Whether the bytes at an offset are these; the caller has checked that there are enough.
    @inline(__always)
    func holds(_ text: StaticString, at start: Int) -> Bool {
        var index = 0
        while index < text.utf8CodeUnitCount {
            if self[start &+ index] != text.utf8Start[index] { return false }
            index &+= 1
        }
        return true
    }
}
