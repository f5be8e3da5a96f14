package import JSONBytes

/// What stands in for an answer to see that it earns nothing.
package enum Filler: Sendable, CaseIterable {
    case empty, blank, long

    var name: String {
        switch self {
        case .empty: "an empty text"
        case .blank: "white space"
        case .long: "10,000 times 'a'"
        }
    }

    private var text: String {
        switch self {
        case .empty: ""
        case .blank: " \n\t "
        case .long: String(repeating: "a", count: 10_000)
        }
    }

    /// A record in which the policy said this: as the last sampled message, and in all texts of its action.
    ///
    /// - Parameter everyStep: not of the last step alone.
    /// - Returns: nil for a record without an answer.
    package func replacing(in record: RawJSON, everyStep: Bool) -> RawJSON? {
        let (said, done) = (record.lastSampled, record.actions(everyStep: everyStep))
        guard said != nil || !done.isEmpty else { return nil }
        let text = RawJSON.string(text)
        return record.mappingMembers { name, value in
            switch name {
            case "messages": value.mappingElements { $0 == said ? $1.mappingMember("content") { _ in text } : $1 }
            case "steps": value.mappingElements { done.contains($0) ? $1.saying(text) : $1 }
            default: value
            }
        }
    }
}

extension RawJSON {
    /// Its position among the record's messages.
    fileprivate var lastSampled: Int? {
        member("messages")?.elements()?.lastIndex { $0.isSampled }
    }

    var isSampled: Bool { member("sampled")?.bool() == true }

    /// Positions of the steps whose action holds a text.
    fileprivate func actions(everyStep: Bool) -> [Int] {
        let steps = member("steps")?.elements() ?? []
        let positions = everyStep ? Array(steps.indices) : Array(steps.indices.suffix(1))
        return positions.filter { steps[$0].member("action")?.holdsText ?? false }
    }

    private var holdsText: Bool {
        kind == .string || members()?.contains { $0.value.kind == .string } ?? false
    }

    /// A step whose action says the text wherever it said one.
    fileprivate func saying(_ text: RawJSON) -> RawJSON {
        mappingMember("action") { action in
            action.kind == .string ? text : action.mappingMembers { $1.kind == .string ? text : $1 }
        }
    }
}
