import AdapterSeam
import BridgeTesting
import Foundation
import JSONBytes
import NIOPosix
import RewardModel
import Testing

@testable import WorkerRuntime

/// Programs that speak RFC 002 themselves: `worker:FILE:NAME`, shown on `examples/worker-in-c`.
@Suite("Workers in other languages", .serialized)
struct OwnProgramTests {
    private static let repository = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Holds the contract's four rubrics. Whoever writes a worker names its program in `REWARDBRIDGE_WORKER`.
    @Test("a program of one's own keeps the contract", arguments: [Sandbox.off, .preferred])
    func contract(sandbox: Sandbox) async throws {
        try await Self.withProgram(ProcessInfo.processInfo.environment["REWARDBRIDGE_WORKER"], sandbox) { runtime in
            try await SeamContract().run(runtime: runtime, python: "/no/python/is/needed")
        }
    }

    @Test("arguments reach the program, and it may refuse them")
    func arguments() async throws {
        try await Self.withProgram { runtime in
            let message = #"{"action":{"message":"d\u00e9j\u00e0 vu"}}"#
            let usual = try await runtime.score("brevity", "{}", message)
            let strict = try await runtime.score("brevity", #"{"args":{"limit":14}}"#, message)
            #expect([usual, strict] == ["0.975", "0.5"])
            await #expect(throws: BridgeError.self) {
                try await runtime.score("brevity", #"{"args":{"limit":"much"}}"#, message)
            }
        }
    }

    @Test("a record that the program cannot read fails, and the one beside it does not")
    func unreadable() async throws {
        try await Self.withProgram { runtime in
            let deep = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
            let (one, two) = (#"{"action":{"give":1}}"#, #"{"action":{"give":2,"deep":\#(deep)}}"#)
            let outcomes = try await runtime.score("give", "{}", one, two, one)
            #expect(outcomes == "1.0 failed unreadable 1.0")
        }
    }

    @Test("a program that is not there, or not executable, is an error of the rubric", arguments: ["nothing", "text"])
    func missing(file: String) async throws {
        try await Self.withProgram { runtime in
            var other = runtime
            other.file = file
            try Data("#!/bin/sh".utf8).write(to: URL(filePath: "\(runtime.root)/text"))
            let error = await #expect(throws: BridgeError.self) { try await other.score("give", "{}") }
            #expect(error?.code == .rubric)
        }
    }

    // MARK: - The program

    /// - Parameter program: an absolute path; nil: the example, compiled.
    private static func withProgram(
        _ program: String? = nil,
        _ sandbox: Sandbox = .off,
        _ body: (ProgramRuntime) async throws -> Void
    ) async throws {
        try await StandIn.withRuntime { options in
            options.sandbox = sandbox
            options.callTimeout = .seconds(5)
            options.hangAfter = .seconds(1)
        } _: { runtime, source in
            let place = "\(source.root)/scorer"
            if let program {
                try FileManager.default.copyItem(atPath: program, toPath: place)
            } else {
                try await compile(to: place)
            }
            try await body(ProgramRuntime(runtime: runtime, root: source.root))
        }
    }

    private static func compile(to place: String) async throws {
        let folder = repository.appending(path: "examples/worker-in-c").path
        let flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".c") }
        let command = ChildCommand(
            .worker,
            executable: "/usr/bin/env",
            arguments: ["cc"] + flags + ["-o", place] + files,
            environment: ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? WorkerLaunch.defaultPath],
            directory: folder
        )
        let run = try await OneShot.run(command, outputMax: 65_536, timeout: .seconds(60))
        try #require(run.status == .exited(0), "\(run.error)")
    }
}

/// Loads rubrics of a program, also in place of the Python file that the contract names.
private struct ProgramRuntime: ComponentRuntime {
    let runtime: WorkerRuntime
    let root: String
    var file = "scorer"

    func load(_ component: ComponentSource) async throws -> any LoadedComponent {
        var component = component
        let name = component.reference.target.split(separator: ":").last ?? ""
        component.reference = try ComponentReference("worker:\(file):\(name)")
        component.root = root
        return try await runtime.load(component)
    }

    /// Outcomes of one-step records, in order, as ``Outcome/brief``.
    @discardableResult
    func score(_ name: String, _ settings: String, _ steps: String...) async throws -> String {
        let reference = try ComponentReference("worker:\(file):\(name)")
        let source = ComponentSource(reference: reference, settings: RawJSON(text: settings), root: root, python: "")
        let component = try await load(source)
        let collector = AnswerCollector()
        let calls = steps.enumerated().map { ticket, step in
            ScoreCall(
                ticket: UInt64(ticket),
                episode: .number(0),
                record: RawJSON(text: #"{"schema":"evalrec/1","steps":[\#(step)]}"#),
                deadline: .now + .seconds(30)
            )
        }
        component.score(calls, into: collector)
        try await collector.wait(for: calls.count)
        await component.retire()
        return steps.indices.map { collector.outcomes[UInt64($0)]?.brief ?? "nothing" }.joined(separator: " ")
    }
}
