import AdapterSeam
import BridgeTesting
import Foundation
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("Sandbox", .serialized)
struct SandboxTests {
    private static let bubblewrap = Bubblewrap.find(path: WorkerLaunch.defaultPath)

    @Test(
        "a sandboxed worker scores, and sees neither state, network, nor other processes",
        .enabled(if: bubblewrap != nil)
    )
    func walls() async throws {
        try await StandIn.withRuntime { options in
            options.sandbox = .required
            // The stand-ins' own folder plays the state folder: root and adapters lie in it and must stay visible.
            options.stateFolder = URL(filePath: options.adapters).deletingLastPathComponent().path
        } _: { runtime, source in
            let state = URL(filePath: source.root).deletingLastPathComponent()
            try Data("gold".utf8).write(to: state.appending(path: "ledger.sqlite"))
            try Data("ours".utf8).write(to: URL(filePath: source.root).appending(path: "rewards.py"))
            guard let component = try await runtime.load(source) as? WorkerComponent else { return }
            let check = """
                state, root = "\(state.path)", "\(source.root)"
                assert sorted(os.listdir(state)) == ["adapters", "root", "scratch"], os.listdir(state)
                assert open(root + "/rewards.py").read() == "ours"
                for path in (root + "/new", "/etc/new", "/usr/new"):
                    try: open(path, "w")
                    except OSError: pass
                    else: raise AssertionError(path)
                open("mine", "w").write("x"); open("/tmp/mine", "w").write("x")
                assert os.getcwd() == os.environ["HOME"]
                assert [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]] == ["lo"]
                assert len([name for name in os.listdir("/proc") if name.isdigit()]) <= 3
                reward = 1
                """
            let collector = StandIn(component: component).submit([check, "time.sleep(100)", "reward = 2"])
            try await collector.wait(for: 3)
            let outcomes = (0..<3).map { collector.outcomes[$0]?.brief }
            #expect(outcomes == ["1.0", "failed timeout", "2.0"], "\(String(describing: collector.outcomes[0]))")
            await component.retire()
        }
    }

    @Test("without bubblewrap, required refuses with a hint, and preferred goes on without")
    func missing() async throws {
        try await StandIn.withRuntime { options in
            (options.sandbox, options.environment["PATH"]) = (.required, "/no/such/folder")
        } _: { runtime, source in
            let error = await #expect(throws: BridgeError.self) { _ = try await runtime.load(source) }
            #expect(error?.message == "could not sandbox workers: bwrap is not installed")
            #expect(error?.hint != nil)
        }
        try await StandIn.with { options in
            (options.sandbox, options.environment["PATH"]) = (.preferred, "/no/such/folder")
        } _: { standIn in
            try await standIn.expect("reward = 1", gives: ["1.0"])
        }
    }
}
