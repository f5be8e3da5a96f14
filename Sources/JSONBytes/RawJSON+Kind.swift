import NIOCore

extension RawJSON {
    /// What a value is, told by its first byte alone.
    package enum Kind: Sendable, Hashable {
        case object, array, string, number, `true`, `false`, null
        /// Empty, or no value begins like this.
        case invalid

        init(firstByte: UInt8) {
            switch firstByte {
            case .openBrace: self = .object
            case .openBracket: self = .array
            case .quote: self = .string
            // `NaN` and `Infinity` are numbers to Python.
            case .minus, .zero ... .nine, UInt8(ascii: "N"), UInt8(ascii: "I"): self = .number
            case UInt8(ascii: "t"): self = .true
            case UInt8(ascii: "f"): self = .false
            case UInt8(ascii: "n"): self = .null
            default: self = .invalid
            }
        }
    }

    package var kind: Kind { bytes.readableBytesView.first.map(Kind.init(firstByte:)) ?? .invalid }

    package var isNull: Bool { kind == .null && isOneValue }

    /// nil unless the value is `true` or `false`.
    package func bool() -> Bool? {
        guard isOneValue else { return nil }
        return switch kind {
        case .true: true
        case .false: false
        default: nil
        }
    }

    private var isOneValue: Bool {
        bytes.withUnsafeReadableBytes { $0.endOfValue(from: 0) == $0.count }
    }
}
