import Foundation
import Testing

@testable import BridgeConfig

@Suite("The manual of the configuration")
struct ConfigManualTests {
    /// After a change of the tables: `REWARDBRIDGE_WRITE_DOCS=1 swift test --filter ConfigManualTests`.
    @Test("docs/configuration.md is what the tables say")
    func isFresh() throws {
        let page = Fixture.root.appendingPathComponent("docs/configuration.md")
        if ProcessInfo.processInfo.environment["REWARDBRIDGE_WRITE_DOCS"] != nil {
            try ConfigManual.markdown().write(to: page, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: page, encoding: .utf8) == ConfigManual.markdown())
    }

    @Test("No setting is there twice, and each says what it is")
    func isComplete() {
        let entries = BridgeOptions.manual()
        #expect(Set(entries.map(\.name)).count == entries.count)
        #expect(entries.allSatisfy { !$0.type.isEmpty && $0.summary.hasSuffix(".") })
    }
}
