import Glibc

/// Just enough of JSON to read members whose names occur once in a known text.
package struct JSONText {
    private let bytes: UnsafeRawBufferPointer

    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// What follows `"name":`, white space skipped.
    package func value(of name: StaticString) -> JSONText? {
        var rest = self
        while let quote = rest.bytes.firstIndex(of: UInt8(ascii: "\"")) {
            rest = rest.dropping(quote + 1)
            guard rest.starts(with: name) else { continue }
            let after = rest.dropping(name.utf8CodeUnitCount)
            guard after.starts(with: "\":") else { continue }
            let value = after.bytes.dropFirst(2).drop { $0 == UInt8(ascii: " ") }
            return JSONText(UnsafeRawBufferPointer(rebasing: value))
        }
        return nil
    }

    package func starts(with text: StaticString) -> Bool {
        guard bytes.count >= text.utf8CodeUnitCount, let base = bytes.baseAddress else { return false }
        return memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    /// The number that it starts with.
    package var integer: Int? {
        let digits = bytes.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return digits.isEmpty ? nil : digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// It starts with this scalar, and the scalar ends there.
    package func isScalar(_ text: [UInt8]) -> Bool {
        guard bytes.count > text.count, bytes.starts(with: text) else { return false }
        return [UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: " ")].contains(bytes[text.count])
    }

    private func dropping(_ count: Int) -> JSONText {
        JSONText(UnsafeRawBufferPointer(rebasing: bytes.dropFirst(count)))
    }
}
