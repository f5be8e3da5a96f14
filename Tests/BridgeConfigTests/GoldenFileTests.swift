import RewardModel
import Testing

@testable import BridgeConfig

@Suite("Configuration files")
struct GoldenFileTests {
    @Test("A bridge file is read, or refused with place and hint", arguments: try Fixture.all(in: "config"))
    func bridge(fixture: Fixture) throws {
        #expect(try Self.result { try Self.rendered(BridgeOptions(fixture.file)) } == fixture.expected)
    }

    @Test("A rubric file has one canonical text, or is refused", arguments: try Fixture.all(in: "rubric"))
    func rubric(fixture: Fixture) throws {
        #expect(try Self.result { try RubricGrammar.read(fixture.file).canonical.text } == fixture.expected)
    }

    private static func result(_ read: () throws -> String) throws -> String {
        do {
            return try read() + "\n"
        } catch let error as BridgeError {
            return "\(error)\n"
        }
    }

    /// What the file changed, a line each.
    private static func rendered(_ options: BridgeOptions) -> String {
        let initial = Dictionary(uniqueKeysWithValues: lines(BridgeOptions(), under: "").map { ($0.name, $0.initial) })
        var changed = lines(options, under: "").filter { initial[$0.name] != $0.initial }
        for environment in options.environments {
            changed += EnvironmentOptions.settings.manual(of: environment, under: environment.name)
                .filter { !$0.initial.isEmpty }
            changed += RecordView.settings.manual(of: environment.view, under: "\(environment.name).view")
                .filter { !$0.initial.isEmpty }
        }
        return changed.map { "\($0.name) = \($0.initial)" }.joined(separator: "\n")
    }

    private static func lines(_ options: BridgeOptions, under prefix: String) -> [ManualEntry] {
        BridgeOptions.settings.filter(\.below.isEmpty).manual(of: options, under: "")
            + WorkerPoolOptions.settings.filter(\.below.isEmpty).manual(of: options.worker, under: "worker")
            + RestartOptions.settings.manual(of: options.worker.restart, under: "worker.restart")
            + EmbeddedPythonOptions.settings.manual(of: options.embedded, under: "embedded")
            + LimitOptions.settings.manual(of: options.limits, under: "limits")
            + LedgerOptions.settings.manual(of: options.ledger, under: "ledger")
    }
}
