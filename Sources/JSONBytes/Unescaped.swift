/// What the inside of a JSON string means, as UTF-8.
struct Unescaped {
    private(set) var bytes: [UInt8] = []
    /// A surrogate stood alone and is now U+FFFD.
    private(set) var isLossy = false

    /// - Returns: nil when an escape is none of RFC 8259 section 7.
    init?(_ inside: UnsafeRawBufferPointer) {
        bytes.reserveCapacity(inside.count)
        var offset = 0
        while offset < inside.count {
            let byte = inside[offset]
            offset &+= 1
            guard byte == .backslash else {
                bytes.append(byte)
                continue
            }
            guard let end = appendEscape(in: inside, at: offset) else { return nil }
            offset = end
        }
    }

    /// - Parameter offset: of the byte after the backslash.
    /// - Returns: the offset after the escape.
    private mutating func appendEscape(in inside: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        switch inside.byte(at: offset) {
        case UInt8(ascii: "u"): return appendCodeUnit(in: inside, at: offset &+ 1)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(.newline)
        case UInt8(ascii: "r"): bytes.append(.carriageReturn)
        case UInt8(ascii: "t"): bytes.append(.tab)
        case UInt8(ascii: "/"): bytes.append(UInt8(ascii: "/"))
        case .quote: bytes.append(.quote)
        case .backslash: bytes.append(.backslash)
        default: return nil
        }
        return offset &+ 1
    }

    /// - Parameter offset: of the four digits after `\u`.
    private mutating func appendCodeUnit(in inside: UnsafeRawBufferPointer, at offset: Int) -> Int? {
        guard let unit = inside.codeUnit(at: offset) else { return nil }
        let end = offset &+ 4
        if unit & 0xFC00 == 0xD800, inside.byte(at: end) == .backslash, inside.byte(at: end &+ 1) == UInt8(ascii: "u"),
            let trail = inside.codeUnit(at: end &+ 2), trail & 0xFC00 == 0xDC00
        {
            append(0x1_0000 + (unit & 0x3FF) << 10 + trail & 0x3FF)
            return end &+ 6
        }
        append(unit)
        return end
    }

    private mutating func append(_ codePoint: UInt32) {
        let scalar = Unicode.Scalar(codePoint)
        isLossy = isLossy || scalar == nil
        bytes.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}") ?? UTF8.encodedReplacementCharacter)
    }
}

extension UnsafeRawBufferPointer {
    /// The number that four hexadecimal digits write.
    fileprivate func codeUnit(at offset: Int) -> UInt32? {
        guard offset &+ 4 <= count else { return nil }
        var unit: UInt32 = 0
        for index in offset..<offset &+ 4 {
            guard let digit = self[index].hexDigit else { return nil }
            unit = unit << 4 | digit
        }
        return unit
    }
}

extension UInt8 {
    fileprivate var hexDigit: UInt32? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(self &- UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(self &- UInt8(ascii: "a") &+ 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(self &- UInt8(ascii: "A") &+ 10)
        default: nil
        }
    }
}
