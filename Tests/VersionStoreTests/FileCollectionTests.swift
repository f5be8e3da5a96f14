import Foundation
import Glibc
import RewardModel
import Testing

@testable import VersionStore

@Suite("Files of a version")
struct FileCollectionTests {
    let rubrics: TemporaryFolder
    let limits = VersionLimits(filesMax: 3, bytesMax: 10)

    init() throws {
        rubrics = try TemporaryFolder()
    }

    private func paths(_ patterns: String...) throws -> [String] {
        var collection = try FileCollection(root: rubrics.path, limits: limits)
        for pattern in patterns { try collection.add(pattern: pattern) }
        return collection.entries.map(\.path)
    }

    private func refusal(_ pattern: String) throws -> String? {
        let error = #expect(throws: BridgeError.self) { try paths(pattern) }
        #expect(error?.code == .rubric)
        return error?.message.replacingOccurrences(of: rubrics.path, with: "ROOT")
    }

    @Test("As many files and bytes as allowed are taken, and not one more")
    func bounds() throws {
        for name in ["a", "b", "c"] { try rubrics.write("123", to: "d/\(name)") }
        #expect(try paths("d") == ["d/a", "d/b", "d/c"])
        #expect(try paths("d", "d/a", "./d//b", "d/*") == ["d/a", "d/b", "d/c"])
        try rubrics.write("1234", to: "d/c")
        #expect(try paths("d").count == 3)
        try rubrics.write("12345", to: "d/c")
        #expect(try refusal("d") == "could not make a version of 'ROOT': its files have more than 10 bytes")
        try rubrics.write("", to: "d/c")
        try rubrics.write("", to: "d/e")
        #expect(try refusal("d") == "could not make a version of 'ROOT': it has more than 3 files")
    }

    @Test("Order is that of the path's bytes")
    func order() throws {
        for name in ["b", "B", "é"] { try rubrics.write("", to: name) }
        #expect(try paths("*") == ["B", "b", "é"])
    }

    @Test("The rubric's whole folder may be declared")
    func wholeFolder() throws {
        try rubrics.write("", to: "a.py")
        try rubrics.write("", to: ".git/config")
        #expect(try paths(".") == ["a.py"])
    }

    @Test("Nothing from outside of the folder", arguments: ["../x", "/etc/passwd", "a/../../x", "../*"])
    func outside(pattern: String) throws {
        #expect(try refusal(pattern)?.hasSuffix("it is not below 'ROOT'") == true)
    }

    @Test("A link is followed inside of the folder, and refused when it leads out")
    func links() throws {
        let elsewhere = try TemporaryFolder()
        try elsewhere.write("x", to: "b.py")
        try rubrics.write("x", to: "a.py")
        try rubrics.link("inside.py", to: "a.py")
        try rubrics.link("outside.py", to: elsewhere.path + "/b.py")
        try rubrics.link("nowhere.py", to: "gone.py")
        try rubrics.link("folder", to: ".")
        try rubrics.link("elsewhere", to: elsewhere.path)
        #expect(try paths("inside.py") == ["inside.py"])
        #expect(try refusal("outside.py")?.contains("a link that leads out of 'ROOT'") == true)
        #expect(try refusal("elsewhere/b.py")?.contains("a link that leads out of 'ROOT'") == true)
        #expect(try refusal("nowhere.py")?.contains("No such file") == true)
        #expect(try refusal("folder")?.hasSuffix("it is, or is below, a link") == true)
    }

    @Test("What is no file is refused, without waiting for it")
    func noFile() throws {
        try #require(mkfifo(rubrics.path + "/pipe", 0o600) == 0)
        #expect(try refusal("pipe") == "could not take file 'pipe' into the version: it is no regular file")
        #expect(try refusal("gone.json")?.contains("No such file") == true)
        #expect(try refusal("*.json") == "could not find files '*.json' under 'ROOT'")
        #expect(try refusal("**/*.py") == "could not read pattern '**/*.py': '**' is not known")
    }

    @Test("A target is a file, the outermost package, or not in the folder at all")
    func targets() throws {
        try rubrics.write("", to: "rewards.py")
        try rubrics.write("", to: "plain/score.py")
        try rubrics.write("", to: "outer/__init__.py")
        try rubrics.write("", to: "outer/inner/__init__.py")
        try rubrics.write("", to: "outer/inner/score.py")
        func target(_ reference: String) throws -> ComponentFiles {
            ComponentFiles(of: try ComponentReference(reference), in: rubrics.path)
        }
        #expect(try target("python:rewards.py:score") == .file("rewards.py"))
        #expect(try target("python:./rewards.py:score") == .file("rewards.py"))
        #expect(try target("python:rewards:score") == .file("rewards.py"))
        #expect(try target("python:plain/score.py:f") == .file("plain/score.py"))
        #expect(try target("python:outer/inner/score.py:f") == .package("outer"))
        #expect(try target("openenv:outer.inner.score:Rubric") == .package("outer"))
        #expect(try target("trl:trl.rewards:accuracy_reward") == .none)
        #expect(try target("http:http://127.0.0.1:5000/verify") == .none)
        #expect(try target("command:./plain/score.py --strict") == .file("plain/score.py"))
        #expect(try target("python:missing.py:score") == .file("missing.py"))
    }
}
