/// Durations as text: `250ms`, `5s`, `1.5s`, `2m`, `1h`.
enum DurationText {
    /// Greatest first, so that the text takes the first that divides.
    private static let units = [("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1_000), ("us", 1)]

    /// - Returns: nil unless the text is a number with a unit, to the microsecond, and at most 10 years.
    static func parse(_ text: String) -> Duration? {
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).drop { $0 == " " }
        guard
            let factor = units.first(where: { $0.0 == unit })?.1, let first = number.first, first != ".",
            number.last != ".", let count = Double(number)
        else { return nil }
        let microseconds = (count * Double(factor)).rounded()
        guard microseconds <= 315_360_000_000_000 else { return nil }
        return .microseconds(Int64(microseconds))
    }

    /// The largest unit that divides the duration.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        for (unit, factor) in units where microseconds != 0 && microseconds.isMultiple(of: Int64(factor)) {
            return "\(microseconds / Int64(factor))\(unit)"
        }
        return "0s"
    }
}
