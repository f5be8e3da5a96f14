/// Times and sizes to two digits or more, for people.
package enum Amounts {
    package static func text(_ duration: Duration) -> String {
        let microseconds = duration / .microseconds(1)
        switch microseconds {
        case ..<1000: return "\(Int(microseconds.rounded())) us"
        case ..<1_000_000: return "\(rounded(microseconds / 1000)) ms"
        default: return "\(rounded(microseconds / 1_000_000)) s"
        }
    }

    package static func text(bytes: Int) -> String {
        "\(rounded(Double(bytes) / 1_048_576)) MiB"
    }

    /// One decimal below ten.
    private static func rounded(_ number: Double) -> String {
        number < 9.95 ? "\((number * 10).rounded() / 10)" : "\(Int(number.rounded()))"
    }
}
