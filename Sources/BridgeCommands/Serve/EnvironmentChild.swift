import Foundation
import Gateway
import Glibc
import Logging
import NIOCore
import RewardModel
import Synchronization
import WorkerRuntime

/// An environment that the bridge started itself: `serve ... -- uvicorn server.app:app --port {port}`.
final class EnvironmentChild: Sendable {
    let url: EnvironmentURL
    private let process: ChildProcess
    private let ending: Ending

    /// The exit, for whoever waits for it.
    private final class Ending: Sendable {
        private let stream: AsyncStream<ExitStatus>
        private let continuation: AsyncStream<ExitStatus>.Continuation
        private let status = Mutex<ExitStatus?>(nil)

        init() {
            (stream, continuation) = AsyncStream.makeStream()
        }

        var hasEnded: ExitStatus? { status.withLock { $0 } }

        func ended(_ exit: ExitStatus) {
            status.withLock { $0 = exit }
            continuation.yield(exit)
            continuation.finish()
        }

        func wait() async -> ExitStatus? {
            if let hasEnded { return hasEnded }
            for await exit in stream { return exit }
            return hasEnded
        }
    }

    /// Starts the command.
    /// - Parameters:
    ///   - url: where it will listen; nil: on a free loopback port, which it is told as `{port}`.
    ///   - onExit: called once, on any thread.
    /// - Throws: ``BridgeError`` (`.configuration`, `.system`).
    static func start(
        _ command: [String],
        at url: EnvironmentURL?,
        onExit: @escaping @Sendable (ExitStatus) -> Void
    ) async throws -> EnvironmentChild {
        let port = try freePort()
        let words = command.map { $0.replacing("{port}", with: "\(port)") }
        guard words != command || url != nil else {
            throw BridgeError(
                .configuration,
                "could not start the environment: its command does not say where the port goes",
                hint: "write {port} where the command takes its port, or name its URL with --env"
            )
        }
        let ending = Ending()
        let child = ChildCommand(
            .environment,
            executable: try executable(words[0]),
            arguments: Array(words.dropFirst()),
            environment: ProcessInfo.processInfo.environment
        )
        let process = try await ChildProcess.start(child) { status in
            ending.ended(status)
            onExit(status)
        }
        return EnvironmentChild(
            url: try url ?? EnvironmentURL("http://127.0.0.1:\(port)"),
            process: process,
            ending: ending
        )
    }

    private init(url: EnvironmentURL, process: ChildProcess, ending: Ending) {
        self.url = url
        self.process = process
        self.ending = ending
    }

    /// Waits until `/health` answers.
    /// - Throws: ``BridgeError`` (`.environment`) when the child ends first, or the patience does.
    func waitUntilHealthy(_ probe: EnvironmentProbe, patience: Duration) async throws {
        let limit = ContinuousClock.now + patience
        while ContinuousClock.now < limit {
            if let status = ending.hasEnded {
                throw BridgeError(
                    .environment,
                    "could not start the environment: it ended with \(status) before /health answered",
                    hint: "run its command by itself to see why"
                )
            }
            if let answer = try? await probe.ask("/health"), answer.status == 200 { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw BridgeError(
            .environment,
            "could not start the environment: /health did not answer within \(patience)",
            hint: "check that the command listens on 127.0.0.1 and the port that {port} stands for"
        )
    }

    /// Passes a signal on and waits for the end; after the patience the child's group is killed.
    /// - Returns: the status to exit with. A child that ended by the very signal that it was sent did as it was told:
    ///   uvicorn, for one, raises it again after an orderly end.
    func stop(_ signal: Int32, patience: Duration) async -> Int32 {
        process.signal(signal)
        let killer = Task { [process] in
            try await Task.sleep(for: patience)
            process.signal(SIGKILL)
        }
        defer { killer.cancel() }
        guard let status = await ending.wait(), status != .signalled(signal) else { return 0 }
        return Self.exitStatus(status)
    }

    static func exitStatus(_ status: ExitStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        }
    }

    private static func executable(_ name: String) throws -> String {
        if name.contains("/") { return URL(fileURLWithPath: name).path }
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        let found = folders.lazy.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
        guard let found else {
            throw BridgeError(
                .configuration,
                "could not start the environment: there is no '\(name)' on the path",
                hint: "activate its virtual environment, or write the whole path"
            )
        }
        return found
    }

    /// A port that is free now: bound to 0 and given back. Another process could take it before the environment does;
    /// then the environment says so and ends.
    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw BridgeError(.system, "could not find a free port on 127.0.0.1") }
        return UInt16(bigEndian: address.sin_port)
    }
}
