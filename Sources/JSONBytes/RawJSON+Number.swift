import NIOCore

extension RawJSON {
    /// A number, rounded to the nearest double as Python's `float` does it. `NaN`, `Infinity`, `-Infinity` and numbers
    /// too large for a double come out as non-finite.
    ///
    /// - Returns: nil when this is no number; `true` and `false` are none.
    package func double() -> Double? {
        bytes.withUnsafeReadableBytes { text in
            guard kind == .number, text.endOfValue(from: 0) == text.count else { return nil }
            return Decimal(text)?.exactDouble ?? Self.parse(text)
        }
    }

    /// - Returns: nil unless this is a number without fraction and exponent that fits.
    package func int() -> Int? {
        bytes.withUnsafeReadableBytes { text in
            guard kind == .number, text.endOfNumber(from: 0) == text.count else { return nil }
            return Int(String(decoding: text, as: UTF8.self))
        }
    }

    /// Off the fast path: many digits or a large exponent.
    private static func parse(_ text: UnsafeRawBufferPointer) -> Double? {
        switch text[text.count &- 1] {
        case UInt8(ascii: "N"): .nan
        case UInt8(ascii: "y"): text[0] == .minus ? -.infinity : .infinity
        default: Double(String(decoding: text, as: UTF8.self))
        }
    }
}

/// A JSON number as its digits and a power of ten.
private struct Decimal {
    private var digits: UInt64 = 0
    private var exponent = 0
    private var isNegative = false

    /// - Returns: nil when the number has an exponent or more digits than 64 bits hold for certain.
    init?(_ text: UnsafeRawBufferPointer) {
        guard text.count <= 19 else { return nil }
        var isFraction = false
        for byte in text {
            switch byte {
            case .minus: isNegative = true
            case .point: isFraction = true
            case .zero ... .nine:
                digits = digits &* 10 &+ UInt64(byte &- .zero)
                if isFraction { exponent &-= 1 }
            default: return nil
            }
        }
        // Without a point it is an integer, which has no negative zero.
        if digits == 0, !isFraction { isNegative = false }
    }

    /// Both operands of the division are exact, so that its result is rounded once (Clinger 1990).
    var exactDouble: Double? {
        guard digits <= 1 << 53 else { return nil }
        let magnitude = Double(digits) / Self.powersOfTen[-exponent]
        return isNegative ? -magnitude : magnitude
    }

    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
    ]
}
