import RewardModel

/// Fields of a record, as bits: a plan asks several times a step, and a `Set` would hash each time.
struct FieldSet: Sendable {
    private let bits: UInt16

    init(_ fields: some Sequence<RecordField>) {
        bits = fields.reduce(0) { $0 | Self.bit(of: $1) }
    }

    func contains(_ field: RecordField) -> Bool { bits & Self.bit(of: field) != 0 }

    func contains(anyOf other: FieldSet) -> Bool { bits & other.bits != 0 }

    private static func bit(of field: RecordField) -> UInt16 {
        switch field {
        case .action: 1 << 0
        case .observation: 1 << 1
        case .prompt: 1 << 2
        case .completion: 1 << 3
        case .messages: 1 << 4
        case .answer: 1 << 5
        case .state: 1 << 6
        case .history: 1 << 7
        case .reset: 1 << 8
        }
    }
}
