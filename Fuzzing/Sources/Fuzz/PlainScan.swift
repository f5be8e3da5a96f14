/// What JSONBytes' scan is to find, written for the reader: one byte after the other, by the same rules
/// (ValueScan.swift says which are exact and which are lenient).
struct PlainScan {
    private let text: UnsafeRawBufferPointer

    init(_ text: UnsafeRawBufferPointer) {
        self.text = text
    }

    /// The first value after white space; nil when there is none or it does not end.
    func firstValue() -> Range<Int>? {
        guard let start = text.firstIndex(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else { return nil }
        switch Character(Unicode.Scalar(text[start])) {
        case "\"": return endOfString(start).map { start..<$0 }
        case "{", "[": return endOfContainer(start).map { start..<$0 }
        case "-", "0"..."9": return endOfNumber(start).map { start..<$0 }
        default:
            let word = ["null", "true", "false", "NaN", "Infinity"].first { starts(with: $0, at: start) }
            return word.map { start..<start + $0.utf8.count }
        }
    }

    private func starts(with word: String, at offset: Int) -> Bool { text[offset...].starts(with: word.utf8) }

    private func endOfString(_ start: Int) -> Int? {
        var isEscaped = false
        for offset in text.indices.dropFirst(start + 1) {
            if isEscaped {
                isEscaped = false
            } else if text[offset] == UInt8(ascii: "\\") {
                isEscaped = true
            } else if text[offset] == UInt8(ascii: "\"") {
                return offset + 1
            }
        }
        return nil
    }

    private func endOfContainer(_ start: Int) -> Int? {
        var depth = 0
        var offset = start
        while offset < text.count {
            switch Character(Unicode.Scalar(text[offset])) {
            case "\"":
                guard let end = endOfString(offset) else { return nil }
                offset = end
                continue
            case "{", "[": depth += 1
            case "}", "]": depth -= 1
            // No JSON has one outside of a string; what is behind it is passed over there too.
            case "\\": offset += 1
            default: break
            }
            offset += 1
            if depth == 0 { return offset }
        }
        return nil
    }

    private func endOfNumber(_ start: Int) -> Int? {
        var offset = start
        if text[offset] == UInt8(ascii: "-") { offset += 1 }
        if starts(with: "Infinity", at: offset) { return offset + 8 }
        let integer = digits(offset)
        guard integer > 0, integer == 1 || text[offset] != UInt8(ascii: "0") else { return nil }
        offset += integer
        if starts(with: ".", at: offset) {
            let fraction = digits(offset + 1)
            guard fraction > 0 else { return nil }
            offset += 1 + fraction
        }
        guard starts(with: "e", at: offset) || starts(with: "E", at: offset) else { return offset }
        offset += 1
        if starts(with: "+", at: offset) || starts(with: "-", at: offset) { offset += 1 }
        let exponent = digits(offset)
        return exponent > 0 ? offset + exponent : nil
    }

    private func digits(_ start: Int) -> Int {
        text[start...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }.count
    }
}
