import JSONBytes
import Testing

@Suite struct NumberTests {
    @Test(arguments: [
        ("0", 0.0), ("-0.0", -0.0), ("1", 1), ("-12.25", -12.25), ("0.1", 0.1), ("1e22", 1e22), ("1E-7", 1e-7),
        ("0.30000000000000004", 0.1 + 0.2), ("9007199254740993", 9_007_199_254_740_992),
        ("5e-324", .leastNonzeroMagnitude),
        ("9223372036854775809", 9.223372036854776e18), ("1e999", .infinity), ("-1e999", -.infinity), ("1e-999", 0),
        ("Infinity", .infinity), ("-Infinity", -.infinity), ("0.000001", 1e-6), ("9999999999999999999", 1e19),
    ])
    func doublesAreRoundedOnce(text: String, value: Double) throws {
        let double = try #require(RawJSON(text: text).double())
        #expect(double.bitPattern == value.bitPattern)
    }

    @Test func integersHaveNoNegativeZero() {
        #expect(RawJSON("-0").double()?.sign == .plus)
        #expect(RawJSON("NaN").double()?.isNaN == true)
    }

    @Test(arguments: [
        "", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", "0x10", "1_000", " 1", "1 ", "1,", "nan", "inf", "-NaN",
        "Infinit",
        "true", "\"1\"", "null", "[1]", "1.5.5", "--1", "1e1.5",
    ])
    func whatIsNoNumberIsNone(text: String) {
        #expect(RawJSON(text: text).double() == nil)
        #expect(RawJSON(text: text).int() == nil)
    }

    @Test func integersMustFit() {
        #expect(RawJSON("9223372036854775807").int() == .max)
        #expect(RawJSON("-9223372036854775808").int() == .min)
        #expect(RawJSON("-0").int() == 0)
        for text in ["9223372036854775808", "1.0", "1e3", "Infinity", "NaN"] {
            #expect(RawJSON(text: text).int() == nil, "\(text)")
        }
    }

    /// The reading of short decimals that needs no library must agree with the library's.
    @Test func shortDecimalsAgreeWithSwift() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let digits = String(UInt64.random(in: 0...(1 << 60), using: &random))
            let point = Int.random(in: 1...digits.count, using: &random)
            let integer = Int(digits.prefix(point)) ?? 0
            let text = point == digits.count ? "\(integer)" : "-\(integer).\(digits.dropFirst(point))"
            #expect(RawJSON(text: text).double() == Double(text), "\(text)")
        }
    }
}
