package import AdapterSeam
package import JSONBytes
import RewardModel

/// A part of a record that is left out to see what happens.
package struct Absence: Sendable, Hashable {
    private enum Part: Hashable {
        case field(RecordField)
        case column(String)
    }

    private let part: Part
    /// Declared by the rubric; otherwise it may be missing.
    let isNeeded: Bool

    /// Everything that the rubric needs, and the answer in any case: what reads it without a word is worth knowing.
    package static func all(of description: ComponentDescription) -> [Absence] {
        let fields = RecordField.allCases.filter { description.needs.contains($0) || $0 == .answer }
        return fields.map { Absence(part: .field($0), isNeeded: description.needs.contains($0)) }
            + description.columns.map { Absence(part: .column($0), isNeeded: true) }
    }

    var name: String {
        switch part {
        case .field(let field): field.rawValue
        case .column(let name): "columns.\(name)"
        }
    }

    /// - Returns: nil for a record that does not hold it.
    package func removed(from record: RawJSON) -> RawJSON? {
        switch part {
        case .column(let name): record.without(name, in: "info")
        case .field(.action), .field(.observation), .field(.state): record.withoutStepMember(name)
        case .field(.prompt), .field(.messages), .field(.answer):
            record.member(name) == nil ? nil : record.dropping(name)
        case .field(.completion): record.without("messages") { $1.isSampled }
        case .field(.history): record.member("steps") == nil ? nil : record.dropping("steps")
        case .field(.reset): record.without("steps") { $1.member("index")?.int() == 0 }
        }
    }
}

extension RawJSON {
    fileprivate func without(_ name: String, in object: String) -> RawJSON? {
        guard member(object)?.member(name) != nil else { return nil }
        return mappingMember(object) { $0.dropping(name) }
    }

    /// Without a member of the last step.
    fileprivate func withoutStepMember(_ name: String) -> RawJSON? {
        guard let steps = member("steps")?.elements(), steps.last?.member(name) != nil else { return nil }
        return mappingMember("steps") { list in
            list.mappingElements { $0 == steps.count - 1 ? $1.dropping(name) : $1 }
        }
    }

    /// Without the elements of an array for which it holds.
    fileprivate func without(_ array: String, where isGone: (Int, RawJSON) -> Bool) -> RawJSON? {
        let elements = member(array)?.elements() ?? []
        guard elements.enumerated().contains(where: isGone) else { return nil }
        return mappingMember(array) { list in list.mappingElements { isGone($0, $1) ? nil : $1 } }
    }
}
