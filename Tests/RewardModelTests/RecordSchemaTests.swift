import Foundation
import JSONBytes
import RewardModel
import Testing

@Suite("Kinds, statuses and fields against the schema of evalrec/1")
struct RecordSchemaTests {
    private let definitions: RawJSON

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "schemas/evalrec-1.schema.json"), encoding: .utf8)
        definitions = try #require(RawJSON(text: text).member("$defs"))
    }

    @Test("Every kind is in the schema, in the same order")
    func kinds() throws {
        let names = try enumeration("Kind")
        #expect(names == OutcomeKind.allCases.map(\.rawValue))
    }

    @Test("Every status is in the schema")
    func statuses() throws {
        let names = try enumeration("Status")
        #expect(names == OutcomeStatus.allCases.map(\.rawValue))
    }

    @Test("A field that a component can need has a place in the record")
    func fields() throws {
        let record = try properties("EvalRecord")
        let step = try properties("Step")
        for field in RecordField.allCases {
            switch field {
            case .action, .observation, .state: #expect(step.contains(field.rawValue))
            case .prompt, .messages, .answer: #expect(record.contains(field.rawValue))
            case .completion: #expect(try properties("Message").contains("sampled"))
            case .history, .reset: #expect(record.contains("steps"))
            }
        }
    }

    @Test("A kind is spelled as a metric label: lower case, digits and underscores")
    func spelling() {
        for kind in OutcomeKind.allCases {
            #expect(kind.rawValue.allSatisfy { ("a"..."z").contains($0) || $0 == "_" }, "\(kind)")
        }
    }

    @Test("A kind says unscored or failed, and an outcome of it the same")
    func sides() {
        for kind in OutcomeKind.allCases {
            switch kind.status {
            case .unscored: #expect(Outcome.unscored(kind).status == .unscored)
            case .failed: #expect(Outcome.failed(kind).isFailed)
            case .scored, .pending: Issue.record("\(kind) is on no side")
            }
        }
        #expect(OutcomeKind.abstained.status == .unscored)
        #expect(OutcomeKind.notFinite.status == .failed)
    }

    private func enumeration(_ name: String) throws -> [String] {
        let elements = try #require(definitions.member(name)?.member("enum")?.elements())
        return elements.compactMap { $0.string() }
    }

    private func properties(_ name: String) throws -> Set<String> {
        let members = try #require(definitions.member(name)?.member("properties")?.members())
        return Set(members.map(\.name))
    }
}
