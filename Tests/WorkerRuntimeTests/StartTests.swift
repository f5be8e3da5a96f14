import AdapterSeam
import BridgeTesting
import Foundation
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("Workers that do not start", .serialized)
struct StartTests {
    @Test(
        "what goes wrong before loaded is told in words, with a code",
        arguments: [
            ("time.sleep(100)", BridgeError.Code.worker, "said no hello"),
            ("sys.exit(3)", .worker, "exit status 3"),
            ("os.kill(os.getpid(), 11)", .worker, "signal 11"),
            ("import no_such_module", .worker, "exit status 1"),
            ("os.close(3); time.sleep(100)", .worker, "said no hello"),
            ("frame(b'x' * 100)", .worker, "no message"),
            ("hello(protocols=[7])", .worker, "protocols [7]"),
            ("hello(); time.sleep(100)", .worker, "did not load"),
            ("hello(); next(messages()); loaded(unit='parsec')", .worker, "'unit'"),
            ("hello(); next(messages()); loaded(needs=['luck'])", .worker, "'needs'"),
            ("hello(); next(messages()); loaded(range=[1, 0])", .worker, "'range'"),
            ("hello(); hello()", .worker, "out of turn"),
            ("hello(); send({'type': 'refused', 'message': 'not today', 'kind': 'exception'})", .rubric, "not today"),
        ]
    )
    func failures(worker: String, code: BridgeError.Code, text: String) async throws {
        try await StandIn.withRuntime(worker: worker) { options in
            (options.startTimeout, options.loadTimeout) = (.seconds(3), .seconds(3))
        } _: { runtime, source in
            let error = await #expect(throws: BridgeError.self) { _ = try await runtime.load(source) }
            #expect(error?.code == code)
            #expect(error?.message.contains(text) == true, "\(String(describing: error))")
        }
    }

    @Test("a Python that is not there is named")
    func noPython() async throws {
        try await StandIn.withRuntime { runtime, source in
            var source = source
            source.python = "/no/such/python"
            let error = await #expect(throws: BridgeError.self) { _ = try await runtime.load(source) }
            #expect(error?.message == "could not start '/no/such/python': execve: No such file or directory")
        }
    }

    @Test("a cancelled load ends soon, and nothing of it is left")
    func cancellation() async throws {
        try await StandIn.withRuntime(worker: "time.sleep(100)") { runtime, source in
            let load = Task { try await runtime.load(source) }
            try await Task.sleep(for: .milliseconds(100))
            load.cancel()
            let start = ContinuousClock.now
            await #expect(throws: CancellationError.self) { try await load.value }
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test("other distributions than expected are refused, with the difference")
    func distributions() async throws {
        let worker = "serve(distributions=[{'name': 'numpy', 'version': '2.0', 'record_sha256': 'ab'}])"
        try await StandIn.withRuntime(worker: worker) { runtime, source in
            var source = source
            source.expected = [Distribution(name: "numpy", version: "1.0", recordSHA256: "ab")]
            let error = await #expect(throws: BridgeError.self) { _ = try await runtime.load(source) }
            #expect(error?.code == .rubric)
            #expect(error?.message.contains("numpy was 1.0 and is 2.0") == true)

            source.expected = [Distribution(name: "numpy", version: "2.0", recordSHA256: "ab")]
            await (try await runtime.load(source)).retire()
        }
    }

    @Test("a worker that comes back as something else is not used")
    func anotherVersion() async throws {
        let worker = """
            path = os.path.join(os.path.dirname(__file__), "starts")
            with open(path, "a") as file: file.write("x")
            serve(range=[0, os.path.getsize(path)])
            """
        try await StandIn.with(worker: worker) { options in
            (options.spares, options.restart.failuresMax) = (0, 3)
        } _: { standIn in
            try await standIn.expect("reward = 1", gives: ["1.0"])
            try await standIn.expect(
                "os._exit(0)",
                "reward = 2",
                gives: ["failed crash", "failed version_unavailable"]
            )
            try await standIn.expect("reward = 3", gives: ["failed version_unavailable"])
        }
    }

    @Test("a worker sees an allow-list of variables, and what the component names")
    func environment() async throws {
        try await StandIn.withRuntime { options in
            options.environment["SECRET"] = "s"
            options.environment["NAMED"] = "n"
            options.environment["PYTHONPATH"] = "/elsewhere"
        } _: { runtime, source in
            var source = source
            source.environment = ["NAMED", "PYTHONPATH", "NOT_THERE"]
            guard let component = try await runtime.load(source) as? WorkerComponent else { return }
            let standIn = StandIn(component: component)
            let expected = """
                HOME LANG LITELLM_LOCAL_MODEL_COST_MAP NAMED OMP_NUM_THREADS OPENBLAS_NUM_THREADS PATH \
                PYTHONDONTWRITEBYTECODE PYTHONHASHSEED PYTHONPATH PYTHONUNBUFFERED \
                REWARDBRIDGE_PROGRESS REWARDBRIDGE_WORKER TMPDIR
                """
            let check = """
                names = set(os.environ) - {"LC_CTYPE", "PWD", "SHLVL", "_"}
                assert sorted(names) == "\(expected)".split(), sorted(names)
                assert os.environ["PYTHONPATH"] != "/elsewhere"
                assert os.getcwd() == os.environ["HOME"] == os.environ["TMPDIR"]
                assert os.listdir("/proc/self/fd") and not os.path.exists("/proc/self/fd/4/x")
                assert os.read(0, 1) == b"" and os.getsid(0) == os.getpid()
                reward = 1
                """
            let collector = standIn.submit([check])
            try await collector.wait(for: 1)
            #expect(collector.outcomes[0] == .scored(1))
            await component.retire()
        }
    }
}
