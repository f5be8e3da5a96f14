import Foundation
import Testing

@testable import BridgeConfig

/// A golden file: `name.yaml`, and in `name.expected` what reading it gives.
struct Fixture: CustomTestStringConvertible {
    let name: String
    let file: ConfigFile
    let expected: String

    var testDescription: String { name }

    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// All pairs of a folder below `Tests/Fixtures`, by name.
    static func all(in folder: String) throws -> [Fixture] {
        let place = root.appendingPathComponent("Tests/Fixtures/\(folder)")
        let files = try FileManager.default.contentsOfDirectory(atPath: place.path).filter { $0.hasSuffix(".yaml") }
        return try files.sorted().map { file in
            let name = String(file.dropLast(".yaml".count))
            let text = try String(contentsOf: place.appendingPathComponent(file), encoding: .utf8)
            let expected = try String(contentsOf: place.appendingPathComponent("\(name).expected"), encoding: .utf8)
            return Fixture(
                name: name,
                file: ConfigFile(path: file, folder: "/config", text: text),
                expected: expected
            )
        }
    }
}
