import Glibc
import NIOCore
import NIOPosix
import RewardModel

/// Runs a program to its end and keeps what it says.
package enum OneShot {
    package struct Run: Sendable {
        package var status: ExitStatus
        package var output: String
        package var error: String
    }

    /// - Parameters:
    ///   - command: its output and error are taken over.
    ///   - outputMax: bytes of each stream that are kept; a program that writes more is killed.
    /// - Throws: ``BridgeError`` (`.system`) when it could not be started or did not end in time; `CancellationError`, and
    ///   the program is killed.
    package static func run(_ command: ChildCommand, outputMax: Int, timeout: Duration) async throws -> Run {
        let output = try Descriptor.pipe()
        let error = try Descriptor.pipe()
        let (exits, exit) = AsyncStream.makeStream(of: ExitStatus.self)
        let child = try await start(command, output: output.writing, error: error.writing, exit)
        output.writing.closeNow()
        error.writing.closeNow()

        return try await withThrowingTaskGroup(of: Part.self) { group in
            group.addTask { .output(try await read(output.reading, outputMax, child)) }
            group.addTask { .error(try await read(error.reading, outputMax, child)) }
            group.addTask {
                for await status in exits { return .status(status) }
                throw CancellationError()
            }
            group.addTask {
                // Also when the task is cancelled; one that has ended is not touched.
                defer { child.signal(SIGKILL) }
                try await Task.sleep(for: timeout)
                throw BridgeError(.system, "could not run '\(command.executable)': no end within \(timeout)")
            }
            return try await collect(&group)
        }
    }

    private enum Part {
        case output(String)
        case error(String)
        case status(ExitStatus)
    }

    private static func start(
        _ command: ChildCommand,
        output: Descriptor,
        error: Descriptor,
        _ exit: AsyncStream<ExitStatus>.Continuation
    ) async throws -> ChildProcess {
        var command = command
        command.output = output
        command.error = error
        return try await ChildProcess.start(command) { status in
            exit.yield(status)
            exit.finish()
        }
    }

    private static func collect(_ group: inout ThrowingTaskGroup<Part, any Error>) async throws -> Run {
        var run = Run(status: .exited(0), output: "", error: "")
        for _ in 0..<3 {
            switch try await group.next() {
            case .output(let text): run.output = text
            case .error(let text): run.error = text
            case .status(let status): run.status = status
            case nil: break
            }
        }
        group.cancelAll()
        return run
    }

    /// Blocks a thread of NIO's pool until the stream ends: when the program, and what it started, is gone.
    private static func read(_ stream: Descriptor, _ outputMax: Int, _ child: ChildProcess) async throws -> String {
        try await NIOThreadPool.singleton.runIfActive {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = Glibc.read(stream.borrowed, &chunk, chunk.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
                bytes.append(contentsOf: chunk.prefix(count))
                if bytes.count > outputMax { child.signal(SIGKILL) }
            }
        }
    }
}
