import Foundation
import RewardModel
import Testing

@testable import VersionStore

@Suite("Verification of stored versions")
struct VerificationTests {
    enum Damage: String, CaseIterable {
        case changed, removed, added, mode, manifest
    }

    @Test("Whatever was changed in a stored version is found and named", arguments: Damage.allCases)
    func damage(_ damage: Damage) throws {
        let rubrics = try TemporaryFolder()
        let state = try TemporaryFolder()
        try rubrics.write("a = 1", to: "pkg/__init__.py")
        try rubrics.write("b = 1", to: "pkg/b.py")
        let store = try VersionStore(folder: state.path, limits: VersionLimits(filesMax: 10, bytesMax: 1_000))
        let request = VersionRequest(
            spec: try rubrics.rubric("python:pkg.b:f"),
            adapters: nil,
            pythonVersion: nil,
            placement: .worker
        )
        let version = try store.store(request, now: 1).version
        try store.verify(version)
        let named = try apply(damage, to: store, version)
        let error = #expect(throws: BridgeError.self) { try store.verify(version) }
        #expect(error?.code == .storage)
        #expect(error?.message.contains("'\(named)'") == true)
    }

    /// - Returns: the file that the error must name.
    private func apply(_ damage: Damage, to store: VersionStore, _ version: RubricVersion) throws -> String {
        let folder = store.root(of: version) + "/pkg"
        let file = folder + "/b.py"
        let manager = FileManager.default
        try manager.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder)
        switch damage {
        case .changed:
            try manager.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
            try Data("b = 2".utf8).write(to: URL(fileURLWithPath: file), options: [])
            try manager.setAttributes([.posixPermissions: 0o444], ofItemAtPath: file)
        case .removed: try manager.removeItem(atPath: file)
        case .added:
            try Data().write(to: URL(fileURLWithPath: folder + "/c.py"))
            return "pkg/c.py"
        case .mode: try manager.setAttributes([.posixPermissions: 0o555], ofItemAtPath: file)
        case .manifest:
            let path = "\(store.folder)/\(version.digest)/version.json"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            try manager.removeItem(atPath: path)
            try text.replacingOccurrences(of: "pkg.b:f", with: "pkg.b:g").write(
                toFile: path,
                atomically: false,
                encoding: .utf8
            )
            return "version.json"
        }
        return "pkg/b.py"
    }
}
