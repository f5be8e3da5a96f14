import Foundation
import RewardModel
import Testing

@testable import PythonEnvironments

@Suite("Virtual environments under the state folder")
final class EnvironmentStoreTests {
    private let state = NSTemporaryDirectory() + "/environments-\(UUID().uuidString)"
    private var store: EnvironmentStore { EnvironmentStore(state: state) }

    deinit {
        try? FileManager.default.removeItem(atPath: state)
    }

    private func record(_ name: String, packages: [String: String] = [:]) throws -> EnvironmentRecord {
        let adapter = try #require(try AdapterEntry.entry("one", requirements: ["one"]))
        return EnvironmentRecord(
            name: name,
            plan: try EnvironmentPlan(for: [adapter]),
            installed: InstalledPackages(python: "3.11.7", packages: packages, failures: [:]),
            createdAt: Date(timeIntervalSince1970: 1_700_000_000)
        )
    }

    @Test("One is in the making while its folder is held, half-made when nobody holds it, ready with its record")
    func conditions() throws {
        do {
            let lock = try store.claim("a", replacing: false)
            #expect(store.condition(of: "a") == .inTheMaking)
            withExtendedLifetime(lock) {}
        }
        #expect(store.condition(of: "a") == .broken)
        try store.write(record("a", packages: ["one": "1.0"]))
        #expect(store.condition(of: "a") == .ready(try record("a", packages: ["one": "1.0"])))
        #expect(store.names == ["a"])
        #expect(try store.usablePython(of: "a") == "\(state)/envs/a/bin/python")
    }

    @Test("A record that cannot be read, or is another's, does not make one whole", arguments: ["", "{}", "other"])
    func strangeRecords(text: String) throws {
        withExtendedLifetime(try store.claim("a", replacing: false)) {}
        let data = text == "other" ? try record("b").data() : Data(text.utf8)
        try data.write(to: URL(fileURLWithPath: "\(store.path(of: "a"))/\(EnvironmentRecord.fileName)"))
        #expect(store.condition(of: "a") == .broken)
        let error = #expect(throws: BridgeError.self) { try store.usablePython(of: "a") }
        #expect(error?.message == "could not use virtual environment 'a': it is half-made")
    }

    @Test("A name is taken once; nobody replaces or removes what is being made")
    func claims() throws {
        let lock = try store.claim("a", replacing: false)
        for replacing in [false, true] {
            let error = #expect(throws: BridgeError.self) { try store.claim("a", replacing: replacing) }
            #expect(error?.message.hasSuffix("another process is making it") == true)
        }
        #expect(throws: BridgeError.self) { try store.remove("a") }
        #expect(store.isThere("a"))
        withExtendedLifetime(lock) {}
    }

    @Test("What is whole or broken is replaced only where that is asked for")
    func replacing() throws {
        withExtendedLifetime(try store.claim("a", replacing: false)) {}
        try Data().write(to: URL(fileURLWithPath: "\(store.path(of: "a"))/rest"))
        let error = #expect(throws: BridgeError.self) { try store.claim("a", replacing: false) }
        #expect(error?.hint == "add --force to replace it")
        withExtendedLifetime(try store.claim("a", replacing: true)) {}
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.path(of: "a")).isEmpty)
        try store.remove("a")
        #expect(store.names.isEmpty)
        #expect(throws: BridgeError.self) { try store.remove("a") }
    }

    @Test(
        "Names that are paths, hidden, too long, or those of Pythons are refused",
        arguments: [
            "", ".", "..", ".hidden", "-n", "a/b", "a b", "ä", "python3.12", "pypy3", String(repeating: "a", count: 65),
        ]
    )
    func unfitNames(name: String) throws {
        let error = #expect(throws: BridgeError.self) { try store.claim(name, replacing: true) }
        #expect(error?.code == .configuration)
        #expect(try store.usablePython(of: name) == nil)
        #expect(throws: BridgeError.self) { try store.remove(name) }
    }

    @Test("What is gone or of another version is told, what came besides is not")
    func differences() throws {
        let record = try record("a", packages: ["one": "1.0", "two": "2.0", "three": "3.0"])
        let now = InstalledPackages(
            python: "3.11.7",
            packages: ["one": "1.1", "three": "3.0", "four": "4.0"],
            failures: [:]
        )
        #expect(record.differences(from: now) == ["one is 1.1, was 1.0", "two 2.0 is gone"])
        #expect(record.recipe == "rewardbridge env create a --for one --force")
    }
}
