import BridgeTesting
import Foundation
import Glibc
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("What workers leave behind", .serialized)
struct OrphanTests {
    @Test(
        "a worker's descendants end with it, whatever session and environment they chose",
        arguments: [
            "subprocess.Popen(['sleep', 'SECONDS'])",
            "subprocess.Popen(['sleep', 'SECONDS'], start_new_session=True)",
            "subprocess.Popen(['/bin/sleep', 'SECONDS'], start_new_session=True, env={})",
            "subprocess.Popen(['/bin/sleep', 'SECONDS'], process_group=0, env={})",
            "subprocess.Popen(['setsid', '-f', 'sh', '-c', 'trap \"\" TERM HUP; sleep SECONDS & wait'])",
        ]
    )
    func descendants(statement: String) async throws {
        // By which its processes can be told from others'.
        let seconds = "\(Int.random(in: 1_000_000...9_999_999))"
        let statement = statement.replacing("SECONDS", with: seconds)
        try await StandIn.with { standIn in
            try await standIn.expect("\(statement); time.sleep(0.1); reward = 1", gives: ["1.0"])
            #expect(sleepers(seconds).count == 1)
            try await standIn.expect("os._exit(0)", gives: ["failed crash"])
            #expect(sleepers(seconds) == [])
        }
    }

    private func sleepers(_ seconds: String) -> [Int32] {
        Folder.entries(of: "/proc").compactMap { Int32($0) }.filter { process in
            ProcessTable.arguments(of: process) == ["sleep", seconds] && !ProcessTable.isZombie(process)
        }
    }

    @Test("what an environment leaves behind is left alone, and what else runs in this process's session")
    func environments() async throws {
        let (exits, exit) = AsyncStream.makeStream(of: ChildExit.self)
        let output = try Descriptor.pipe()
        let environment = try await ChildProcess.start(
            ChildCommand(
                .environment,
                executable: "/bin/bash",
                arguments: ["-c", "setsid -f sleep 1000; setsid -f sh -c 'echo $$; exec sleep 1000'; sleep 1000"],
                environment: ["PATH": WorkerLaunch.defaultPath],
                output: output.writing
            )
        ) { exit.yield($0) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(output.reading.borrowed, &bytes, bytes.count)
        let daemon = try #require(Int32(String(decoding: bytes.prefix(max(count - 1, 0)), as: UTF8.self)))

        try await StandIn.with { try await $0.expect("os._exit(0)", gives: ["failed crash"]) }
        #expect(kill(daemon, 0) == 0)
        environment.signal(SIGKILL)
        for await status in exits {
            #expect(status == .signalled(SIGKILL))
            break
        }
        #expect(kill(daemon, 0) == 0)
        for process in ProcessTable.children() where ProcessTable.isEnvironments(process) { kill(process, SIGKILL) }
    }
}

extension ProcessTable {
    static func arguments(of process: Int32) -> [String] {
        let line = (try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8)) ?? ""
        return line.split(separator: "\0").map { $0.split(separator: "/").last.map(String.init) ?? "" }
    }

    static func isEnvironments(_ process: Int32) -> Bool {
        environment(of: process)["REWARDBRIDGE_ENVIRONMENT"] != nil
    }
}
