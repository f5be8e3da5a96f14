import AdapterSeam
import BridgeTesting
import Foundation
import JSONBytes
import NIOPosix
import RewardModel
import Testing

@testable import WorkerRuntime

/// Workers that do as they are told: a record's `do` is Python that the worker runs.
///
/// It may set `reward`, call `answer(...)` for an outcome of its own, and use all that `base` defines.
struct StandIn: Sendable {
    /// What a test says to a loaded stand-in.
    let component: WorkerComponent

    /// Makes a folder that holds a package `rewardbridge.worker`, loads it, and retires it afterwards.
    ///
    /// - Parameter worker: the module, after `from standin import *`.
    static func with(
        worker: String = "serve()",
        change: (inout WorkerOptions) -> Void = { _ in },
        _ body: (StandIn) async throws -> Void
    ) async throws {
        try await withRuntime(worker: worker, change: change) { runtime, source in
            guard let component = try await runtime.load(source) as? WorkerComponent else { return }
            do {
                try await body(StandIn(component: component))
            } catch {
                await component.retire()
                throw error
            }
            await component.retire()
        }
    }

    static func withRuntime(
        worker: String = "serve()",
        change: (inout WorkerOptions) -> Void = { _ in },
        _ body: (WorkerRuntime, ComponentSource) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "rewardbridge-\(UUID().uuidString)")
        let package = folder.appending(path: "adapters/rewardbridge")
        let root = folder.appending(path: "root")
        let scratch = folder.appending(path: "scratch")
        for folder in [package, root, scratch] {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        }
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data().write(to: package.appending(path: "__init__.py"))
        try Data(base.utf8).write(to: folder.appending(path: "adapters/standin.py"))
        try Data("from standin import *\n\(worker)\n".utf8).write(to: package.appending(path: "worker.py"))

        var options = WorkerOptions.forTests
        options.callTimeout = .seconds(1)
        options.hangAfter = .milliseconds(300)
        options.restart.firstDelay = .milliseconds(10)
        options.restart.failuresMax = 100
        options.outputMax = 1000
        options.adapters = folder.appending(path: "adapters").path
        options.temporaryFolder = scratch.path
        options.environment = ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? WorkerLaunch.defaultPath]
        change(&options)
        let source = ComponentSource(
            reference: try ComponentReference("python:stand:in"),
            settings: RawJSON(#"{"args": {"a": 1}}"#),
            root: root.path,
            python: try await python
        )
        try await body(WorkerRuntime(options, group: MultiThreadedEventLoopGroup.singleton), source)
        #expect(Folder.entries(of: scratch.path) == [], "a worker's folder is left")
    }

    /// The Python of this machine, asked once.
    static var python: String {
        get async throws { try await found.value.executable }
    }

    private static let found = Task {
        try await PythonInterpreter.probe(
            executable: "python3",
            environment: ProcessInfo.processInfo.environment,
            timeout: .seconds(30)
        )
    }

    // MARK: - Calls

    /// Sends calls in one burst; their tickets are their positions.
    func submit(
        _ statements: [String],
        episode: Int = 0,
        within deadline: Duration = .seconds(30),
        into collector: AnswerCollector = AnswerCollector()
    ) -> AnswerCollector {
        let calls = statements.enumerated().map { ticket, statement in
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("do")
            writer.string(statement)
            writer.endObject()
            return ScoreCall(
                ticket: UInt64(ticket),
                episode: .number(episode),
                record: writer.finish(),
                deadline: .now + deadline
            )
        }
        component.score(calls, into: collector)
        return collector
    }

    /// Sends calls in one burst, and checks their outcomes, as ``Outcome/brief``, in the order of the statements.
    func expect(
        _ statements: String...,
        within deadline: Duration = .seconds(30),
        gives expected: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let collector = submit(statements, within: deadline)
        try await collector.wait(for: statements.count)
        let outcomes = statements.indices.map { collector.outcomes[UInt64($0)]?.brief ?? "nothing" }
        #expect(outcomes == expected, sourceLocation: sourceLocation)
    }

    /// Returns once a condition on the pool's statistics holds.
    func wait(until condition: (WorkerStatistics) -> Bool) async throws {
        let limit = ContinuousClock.now + .seconds(30)
        while !condition(component.statistics) {
            if ContinuousClock.now > limit { throw ContractBreach("the pool stays at \(component.statistics)") }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// RFC 002, as plainly as can be.
    private static let base = #"""
        import ctypes, json, os, re, select, signal, socket, struct, subprocess, sys, time

        sock = socket.socket(fileno=3)
        episodes = {}

        def frame(body):
            sock.sendall(struct.pack(">I", len(body)) + body)

        def send(message):
            frame(json.dumps(message).encode())

        def take(count):
            taken = b""
            while len(taken) < count:
                part = sock.recv(count - len(taken))
                if not part:
                    os._exit(0)
                taken += part
            return taken

        def messages():
            number = 0
            while True:
                body = take(struct.unpack(">I", take(4))[0])
                number += 1
                try:
                    content = json.loads(body)
                except ValueError:
                    send({"type": "unreadable", "frame": number})
                    continue
                yield from content if isinstance(content, list) else [content]

        def hello(**changes):
            send({"type": "hello", "protocols": [1], "implementation": "stand-in", "pid": os.getpid(), **changes})

        def loaded(**changes):
            description = {"unit": "step", "needs": ["action"], "library": {"name": "stand-in", "version": "1"}}
            send({"type": "loaded", "description": {**description, **changes}})

        def answer(call, **outcome):
            send({"type": "outcome", "id": call["id"], **({"status": "scored", "reward": 1.0} | outcome)})

        def score(message):
            names = {**globals(), "message": message, "reward": None}
            try:
                exec(message["record"]["do"], names)
            except MemoryError as error:
                return answer(message, status="failed", kind="memory", message=str(error))
            except BaseException as error:
                return answer(message, status="failed", kind="exception", message=repr(error))
            if names["reward"] is not None:
                answer(message, reward=names["reward"])

        def serve(**description):
            hello()
            incoming = messages()
            load = next(incoming)
            assert load["type"] == "load" and load["component"] == {"adapter": "python", "target": "stand:in",
                                                                     "args": {"a": 1}}, load
            loaded(**description)
            for message in incoming:
                if message["type"] == "score":
                    score(message)
                elif message["type"] == "open":
                    episodes[message["episode"]] = 0
                elif message["type"] == "close":
                    del episodes[message["episode"]]
                elif message["type"] == "stop":
                    sys.exit(0)
        """#
}
