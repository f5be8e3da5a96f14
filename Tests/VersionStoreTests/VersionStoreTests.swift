import Foundation
import RewardModel
import Testing

@testable import VersionStore

@Suite("Rubric versions")
struct VersionStoreTests {
    let rubrics: TemporaryFolder
    let state: TemporaryFolder
    let store: VersionStore

    init() throws {
        rubrics = try TemporaryFolder()
        state = try TemporaryFolder()
        store = try VersionStore(
            folder: state.path + "/versions",
            limits: VersionLimits(filesMax: 1_000, bytesMax: 64 << 20)
        )
    }

    func save(_ spec: RubricSpec, python: String? = "3.11.7", placement: Placement = .worker) throws -> VersionManifest
    {
        try store.store(VersionRequest(spec: spec, adapters: nil, pythonVersion: python, placement: placement), now: 1)
    }

    @Test("A version holds copies of its files, which nobody can write to, and survives the originals")
    func copies() throws {
        try rubrics.write("def score(): ...", to: "rewards.py")
        try rubrics.write("#!/bin/sh\n", to: "tools/run.sh", mode: 0o755)
        let manifest = try save(try rubrics.rubric("python:rewards.py:score", files: ["tools"]))
        try FileManager.default.removeItem(atPath: rubrics.path)
        let root = store.root(of: manifest.version)
        #expect(manifest.files.map(\.path) == ["rewards.py", "tools/run.sh"])
        #expect(manifest.files.map(\.isExecutable) == [false, true])
        #expect(try String(contentsOfFile: root + "/rewards.py", encoding: .utf8) == "def score(): ...")
        #expect(try mode(of: root + "/rewards.py") == 0o444)
        #expect(try mode(of: root + "/tools/run.sh") == 0o555)
        #expect(try mode(of: root + "/tools") == 0o555)
        #expect(try store.show(manifest.version) == manifest)
        try store.verify(manifest.version)
    }

    @Test("Equal content has one digest on another machine, in another folder, at another time")
    func equalContent() throws {
        let elsewhere = try TemporaryFolder()
        for folder in [rubrics, elsewhere] {
            try folder.write("x = 1", to: "pkg/__init__.py")
            try folder.write("y = 2", to: "pkg/deep/er.py")
            try folder.write("[]", to: "data/a.json")
        }
        try elsewhere.write("cache", to: "pkg/__pycache__/er.cpython-311.pyc")
        try elsewhere.write("swap", to: "pkg/.er.py.swp")
        try elsewhere.write("not declared", to: "README.md")
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSince1970: 0)],
            ofItemAtPath: elsewhere.path + "/data/a.json"
        )
        let here = try save(try rubrics.rubric("python:pkg.deep.er:f", files: ["data/*.json"]))
        let there = try VersionStore(folder: elsewhere.path + "/versions", limits: store.limits).store(
            VersionRequest(
                spec: try elsewhere.rubric("python:pkg.deep.er:f", files: ["./data/a.json"]),
                adapters: nil,
                pythonVersion: "3.11.7",
                placement: .worker
            ),
            now: 2
        )
        #expect(here.version == there.version)
        #expect(here.files == there.files)
    }

    /// Pinned: a change of the encoding would orphan every version that was ever stored.
    @Test("The digest of a known version is what it always was")
    func pinned() {
        let file = VersionManifest.File(
            path: "rewards.py",
            isExecutable: false,
            sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            size: 0
        )
        let digest = VersionDigest.compute(
            tree: #"{"component":"python:rewards.py:score","name":"score"}"#,
            adapters: "c0ffee",
            pythonVersion: "3.11.7",
            placement: .worker,
            files: [file]
        )
        #expect(digest == "63d66abf578336cb0db93ba0cd27941633cf2cbf8eb229d29420c4061ef0dc2a")
    }

    @Test("Whatever decides a number changes the digest")
    func changes() throws {
        try rubrics.write("a", to: "rewards.py")
        try rubrics.write("b", to: "data.txt")
        let spec = try rubrics.rubric("python:rewards.py:score", files: ["data.txt"])
        var digests = [try save(spec).digest]
        digests.append(try save(spec, python: "3.11.8").digest)
        digests.append(try save(spec, python: nil).digest)
        digests.append(try save(spec, placement: .embedded).digest)
        digests.append(try save(try rubrics.rubric("python:rewards.py:score")).digest)
        digests.append(try save(try rubrics.rubric("python:rewards.py:other", files: ["data.txt"])).digest)
        var weighted = spec
        weighted.tree.weight = 2
        digests.append(try save(weighted).digest)
        try rubrics.write("a", to: "rewards.py", mode: 0o755)
        digests.append(try save(spec).digest)
        try rubrics.write("ab", to: "rewards.py")
        try rubrics.write("", to: "data.txt")
        digests.append(try save(spec).digest)
        #expect(Set(digests).count == digests.count)
        #expect(try store.list().count == digests.count)
    }

    @Test("A version is stored once, and the first one stays")
    func twice() throws {
        try rubrics.write("a", to: "rewards.py")
        let spec = try rubrics.rubric("python:rewards.py:score")
        let first = try save(spec)
        let second = try store.store(
            VersionRequest(spec: spec, adapters: nil, pythonVersion: "3.11.7", placement: .worker),
            now: 99
        )
        #expect(second == first)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder) == [first.digest])
    }

    @Test("Threads that store the same version at once get the same, and leave nothing behind")
    func race() async throws {
        try rubrics.write(String(repeating: "a", count: 100_000), to: "rewards.py")
        let request = VersionRequest(
            spec: try rubrics.rubric("python:rewards.py:score"),
            adapters: nil,
            pythonVersion: nil,
            placement: .worker
        )
        let digests = try await withThrowingTaskGroup(of: String.self) { group in
            for now in 0..<16 {
                group.addTask { [store] in try store.store(request, now: Int64(now)).digest }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(digests.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.folder) == Array(digests))
    }

    @Test("Distributions are noted once; others later are refused by name")
    func distributions() throws {
        try rubrics.write("a", to: "rewards.py")
        let version = try save(try rubrics.rubric("python:rewards.py:score")).version
        let numpy = Distribution(name: "numpy", version: "2.4.6", recordSHA256: "00")
        let trl = Distribution(name: "trl", version: "1.16.0", recordSHA256: nil)
        #expect(try store.distributions(ofComponent: 0, of: version) == nil)
        try store.record(distributions: [trl, numpy], ofComponent: 0, of: version)
        try store.record(distributions: [numpy, trl], ofComponent: 0, of: version)
        #expect(try store.distributions(ofComponent: 0, of: version) == [numpy, trl])
        var other = numpy
        other.recordSHA256 = "01"
        let error = #expect(throws: BridgeError.self) {
            try store.record(distributions: [other, trl], ofComponent: 0, of: version)
        }
        #expect(error?.code == .python)
        #expect(error?.message.contains("'numpy'") == true)
        #expect(try store.distributions(ofComponent: 0, of: version) == [numpy, trl])
        try store.verify(version)
    }

    @Test("A version that is not there is an error")
    func missing() {
        let error = #expect(throws: BridgeError.self) { try store.show(RubricVersion(digest: "0123456789abcdef")) }
        #expect(error?.code == .storage)
        #expect(error?.message.hasPrefix("could not read version '0123456789ab'") == true)
    }

    private func mode(of path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
