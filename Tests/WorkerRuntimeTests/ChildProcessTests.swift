import BridgeTesting
import Glibc
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("ChildProcess")
struct ChildProcessTests {
    private func shell(_ script: String, change: (inout ChildCommand) -> Void = { _ in }) async throws -> OneShot.Run {
        var command = ChildCommand(
            .worker,
            executable: "/bin/bash",
            arguments: ["-c", script],
            environment: ["PATH": WorkerLaunch.defaultPath]
        )
        change(&command)
        return try await OneShot.run(command, outputMax: 1 << 20, timeout: .seconds(30))
    }

    @Test("exit status, signal, output and error come back")
    func endings() async throws {
        let run = try await shell("echo out; echo err >&2; exit 7")
        #expect(run.status == .exited(7))
        #expect(run.output == "out\n" && run.error == "err\n")
        #expect(try await shell("kill -SEGV $$").status == .signalled(SIGSEGV))
    }

    @Test("no descriptor but the standard ones is inherited, and standard input is empty")
    func descriptors() async throws {
        // Without close-on-exec, as other code might have it.
        let leaked = Descriptor(owning: dup(2))
        #expect(leaked.borrowed > 2)
        let run = try await shell("readlink /proc/$$/fd/0; cat; exec ls /proc/self/fd")
        #expect(run.output == "/dev/null\n0\n1\n2\n3\n", "3 is the folder that is listed")
    }

    @Test("the channel is descriptor 3, also when the parent's own is among 0 to 3")
    func channel() async throws {
        let (ours, theirs) = try Descriptor.socketPair()
        let run = try await shell("echo hello >&3; exec ls /proc/self/fd") { $0.channel = theirs }
        #expect(run.output == "0\n1\n2\n3\n4\n", "4 is the folder that is listed")
        var bytes = [UInt8](repeating: 0, count: 16)
        #expect(read(ours.borrowed, &bytes, bytes.count) == 6)
    }

    @Test("signals are unblocked and have their default action, whatever the parent ignores")
    func signals() async throws {
        // NIO ignores SIGPIPE; a child that did too would not end when its reader does.
        signal(SIGPIPE, SIG_IGN)
        let lines = try await shell("exec cat /proc/self/status").output.split(separator: "\n")
        let sets = lines.filter { ["SigBlk:", "SigIgn:", "SigCgt:"].contains($0.prefix(7)) }
        #expect(sets.map { $0.suffix(16) } == [Substring](repeating: "0000000000000000", count: 3))
    }

    @Test("the child leads a session, and dumps no core; its memory is limited if asked for")
    func limits() async throws {
        let script = "ps -o sid= -p $$ | tr -d ' '; echo $$; ulimit -c; ulimit -v"
        let lines = try await shell(script) { $0.memory = 1 << 30 }.output.split(separator: "\n")
        #expect(lines.count == 4 && lines[0] == lines[1])
        #expect(lines.suffix(2) == ["0", "\(1 << 20)"])
        #expect(try await shell("ulimit -v").output == "unlimited\n")
    }

    @Test(
        "what cannot be started is told with the call that failed",
        arguments: [
            ("/no/such/program", nil, "could not start '/no/such/program': execve: No such file or directory"),
            ("/etc/passwd", nil, "could not start '/etc/passwd': execve: Permission denied"),
            ("/bin/true", "/no/such", "could not start '/bin/true' in '/no/such': chdir: No such file or directory"),
            ("/bin/true\0", nil, "could not start '/bin/true\0': an argument holds a zero byte"),
        ] as [(String, String?, String)]
    )
    func failures(executable: String, directory: String?, message: String) async throws {
        let error = await #expect(throws: BridgeError.self) {
            try await shell("") { ($0.executable, $0.directory) = (executable, directory) }
        }
        #expect(error?.message == message)
    }

    @Test("a program that does not end is killed with all that it started")
    func timeout() async throws {
        let command = ChildCommand(
            .worker,
            executable: "/bin/bash",
            arguments: ["-c", "trap '' TERM; sleep 1000 & sleep 1000"],
            environment: ["PATH": WorkerLaunch.defaultPath]
        )
        let error = await #expect(throws: BridgeError.self) {
            try await OneShot.run(command, outputMax: 100, timeout: .milliseconds(300))
        }
        #expect(error?.message == "could not run '/bin/bash': no end within 0.3 seconds")
    }

    @Test("a program that says too much is killed")
    func outputMax() async throws {
        let run = try await OneShot.run(
            ChildCommand(.worker, executable: "/usr/bin/yes", environment: [:]),
            outputMax: 10_000,
            timeout: .seconds(30)
        )
        #expect(run.status == .signalled(SIGKILL))
    }
}
