import RewardModel

extension Outcome {
    /// Characters of a failure's message that are told.
    private static let reasonMax = 80

    /// The number, or what there is in its place and the first line of why: `0.5`, `failed(exception): ValueError: no`
    var shortText: String {
        if let value { return "\(value)" }
        guard let reason = text?.prefix(while: { $0 != "\n" }).prefix(Self.reasonMax), !reason.isEmpty else {
            return label
        }
        return "\(label): \(reason)"
    }

    /// To the last bit; texts of failures, which may hold addresses, are left out.
    func isSame(as other: Outcome) -> Bool {
        status == other.status && kind == other.kind && value?.bitPattern == other.value?.bitPattern
    }
}
