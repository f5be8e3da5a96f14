import Glibc
import NIOPosix
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("Running a child to its end")
struct ChildProcessRunTests {
    private func shell(_ script: String) -> ChildCommand {
        ChildCommand(
            .worker,
            executable: "/bin/bash",
            arguments: ["-c", script],
            environment: ["PATH": WorkerLaunch.defaultPath]
        )
    }

    @Test("its status comes back")
    func status() async throws {
        #expect(try await ChildProcess.run(shell("exit 7")) == .exited(7))
        #expect(try await ChildProcess.run(shell("kill -TERM $$")) == .signalled(SIGTERM))
        await #expect(throws: BridgeError.self) {
            try await ChildProcess.run(ChildCommand(.worker, executable: "/no/such/program", environment: [:]))
        }
    }

    @Test("when the task is cancelled the group is killed, and gone on return", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        let pipe = try Descriptor.pipe()
        var command = shell("trap '' TERM INT; sleep 1000 & echo started; wait")
        command.output = pipe.writing
        let running = Task { [command] in try await ChildProcess.run(command) }
        #expect(try await Self.read(pipe.reading) == "started\n")
        running.cancel()
        #expect(try await running.value == .signalled(SIGKILL))
        pipe.writing.closeNow()
        #expect(try await Self.read(pipe.reading).isEmpty, "the end of the stream: nobody holds the other side")
    }

    @Test("a cancelled one-shot is killed, and its error is the cancellation", .timeLimit(.minutes(1)))
    func cancelledOneShot() async throws {
        let pipe = try Descriptor.pipe()
        var command = shell("echo started >&3; sleep 1000 & sleep 1000")
        command.channel = pipe.writing
        let running = Task { [command] in
            try await OneShot.run(command, outputMax: 100, timeout: .seconds(1000))
        }
        #expect(try await Self.read(pipe.reading) == "started\n")
        running.cancel()
        await #expect(throws: CancellationError.self) { try await running.value }
    }

    /// What comes next, on a thread that may block; empty at the end of the stream.
    private static func read(_ stream: Descriptor) async throws -> String {
        try await NIOThreadPool.singleton.runIfActive {
            var bytes = [UInt8](repeating: 0, count: 64)
            let count = Glibc.read(stream.borrowed, &bytes, bytes.count)
            return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        }
    }
}
