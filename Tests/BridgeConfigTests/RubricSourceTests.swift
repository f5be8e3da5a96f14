import Foundation
import RewardModel
import Testing

@testable import BridgeConfig

@Suite("Where rubrics come from")
struct RubricSourceTests {
    @Test("A reference is a tree of one node, named after the target's last part")
    func reference() throws {
        let spec = try RubricSource("python:rewards.py:score", folder: "/rubrics").load()
        #expect(spec.name == "score")
        #expect(spec.folder == "/rubrics")
        #expect(spec.canonical.text == #"{"component":"python:rewards.py:score","name":"score"}"#)
        #expect(try RubricSource("command:./tests/test.sh", folder: "/r").load().name == "test_sh")
        #expect(try RubricSource("http:http://h:1/verify", folder: "/r").load().name == "verify")
    }

    @Test("A file gives its folder, and its name where it has none itself")
    func file() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("strict.math.yaml")
        try "component: python:rewards.py:score\npython: ../venv\n".write(to: file, atomically: true, encoding: .utf8)
        let spec = try RubricSource("strict.math.yaml", folder: folder.path).load()
        #expect(spec.name == "strict")
        #expect(spec.folder == folder.standardizedFileURL.path)
        #expect(spec.components.first?.python == folder.deletingLastPathComponent().path + "/venv")
    }

    @Test("A file that is not there is named")
    func missing() throws {
        let error = try #require(throws: BridgeError.self) {
            try RubricSource("none.yaml", folder: "/nowhere").load()
        }
        #expect(error.code == .configuration)
        #expect(error.message == "could not read file '/nowhere/none.yaml': no such file")
    }

    @Test("A folder is no file, and control characters are no YAML")
    func unreadable() throws {
        let folder = try #require(throws: BridgeError.self) { try BridgeOptions(reading: "/") }
        #expect(folder.message == "could not read file '/': it is no regular file, or cannot be read")
        let control = try #require(throws: BridgeError.self) {
            try BridgeOptions(ConfigFile(path: "x.yaml", folder: "/", text: "state: \u{1}"))
        }
        #expect(control.message == "could not read file 'x.yaml': control characters are not allowed")
    }

    @Test("The adapter's settings hold what it reads, and no more")
    func settings() throws {
        let file = ConfigFile(
            path: "r.yaml",
            folder: "/r",
            text: "component: trl:m:f\nunit: episode\nargs: {k: 1}\nnetwork: true\nweight: 3\npython: x\n"
        )
        let component = try #require(try RubricGrammar.read(file).components.first)
        let expected = CanonicalJSON.object(["args": .object(["k": .integer(1)]), "unit": .string("episode")])
        #expect(component.settings == expected.json)
    }
}
