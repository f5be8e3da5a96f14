import AdapterSeam
import BridgeTesting
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("Leaks")
struct LeakTests {
    /// In a process of its own, where nobody else opens files or starts children.
    @Test("after all that workers do, no child, orphan or descriptor is left")
    func nothingIsLeft() async {
        await #expect(processExitsWith: .success) {
            try await Self.misbehave(["reward = 1"])
            let before = Folder.entries(of: "/proc/self/fd").count
            for _ in 0..<2 {
                try await Self.misbehave([
                    "time.sleep(100)",
                    "os._exit(1)",
                    "ctypes.string_at(0)",
                    "frame(b'?')",
                    "subprocess.Popen(['sleep', '1000'], start_new_session=True, env=dict(os.environ)); os._exit(1)",
                    "subprocess.Popen(['setsid', '-f', 'sleep', '1000']); time.sleep(100)",
                    "subprocess.Popen(['/bin/sleep', '1000'], start_new_session=True, env={}); reward = 1",
                    "os.makedirs('a/b/.c'); open('a/b/.c/d', 'w'); os.symlink('/etc', 'a/e'); reward = 1",
                    "os.close(3); time.sleep(100)",
                ])
                try? await StandIn.with(worker: "sys.exit(1)") { _ in }
                try? await StandIn.with(worker: "hello(); send({'type': 'refused'})") { _ in }
                try? await StandIn.withRuntime { runtime, source in
                    var source = source
                    source.python = "/no/such/python"
                    _ = try await runtime.load(source)
                }
            }
            #expect(ProcessTable.children() == [])
            #expect(Folder.entries(of: "/proc/self/fd").count <= before)
        }
    }

    private static func misbehave(_ statements: [String]) async throws {
        try await StandIn.with(change: { $0.stopTimeout = .milliseconds(500) }) { standIn in
            for statement in statements {
                let collector = standIn.submit([statement])
                try await collector.wait(for: 1)
            }
        }
    }
}
