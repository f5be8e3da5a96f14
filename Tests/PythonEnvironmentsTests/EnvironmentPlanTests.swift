import JSONBytes
import RewardModel
import Testing

@testable import PythonEnvironments

@Suite("What a virtual environment is to hold")
struct EnvironmentPlanTests {
    private func plan() throws -> EnvironmentPlan {
        let one = try AdapterEntry.entry("one", requirements: ["shared", "one==1.*"], python: ">=3.10,<3.13")
        let two = try AdapterEntry.entry(
            "two",
            requirements: ["shared"],
            withoutDependencies: ["two"],
            python: ">=3.11"
        )
        return try EnvironmentPlan(for: [#require(one), #require(two)])
    }

    @Test("Requirements are those of all adapters, each once, and orjson")
    func requirements() throws {
        #expect(try plan().requirements == ["shared", "one==1.*", "orjson"])
        #expect(try plan().withoutDependencies == ["two"])
    }

    @Test("Every adapter has a say about the Python")
    func objections() throws {
        #expect(try plan().objection(to: "3.11.7") == nil)
        #expect(try plan().objection(to: "3.13.0") == "adapter 'one' needs Python >=3.10,<3.13")
        #expect(try plan().objection(to: "3.10.13") == "adapter 'two' needs Python >=3.11")
    }

    @Test("What others' adapters need is not known")
    func others() throws {
        let theirs = AdapterEntry(name: "theirs", about: nil, json: RawJSON("{}"))
        let error = #expect(throws: BridgeError.self) { try EnvironmentPlan(for: [theirs]) }
        #expect(error?.code == .configuration)
    }

    @Test("pip installs what goes without dependencies in a second run, after the rest")
    func pipSteps() throws {
        let steps = try Installer.pip.steps(plan(), python: "/usr/bin/python3", folder: "/envs/a")
        #expect(steps.map(\.executable) == ["/usr/bin/python3", "/envs/a/bin/python", "/envs/a/bin/python"])
        #expect(steps[0].arguments == ["-m", "venv", "/envs/a"])
        #expect(steps[1].arguments.suffix(3) == ["shared", "one==1.*", "orjson"])
        #expect(steps[2].arguments.suffix(2) == ["--no-deps", "two"])
    }

    @Test("uv is told the same, and which Python")
    func uvSteps() throws {
        let steps = try Installer.uv("/bin/uv").steps(plan(), python: "/usr/bin/python3", folder: "/envs/a")
        #expect(steps.map(\.executable) == ["/bin/uv", "/bin/uv", "/bin/uv"])
        #expect(steps[0].arguments == ["venv", "--python", "/usr/bin/python3", "/envs/a"])
        for step in steps.dropFirst() {
            #expect(step.arguments.prefix(4) == ["pip", "install", "--python", "/envs/a/bin/python"])
        }
        #expect(steps[2].arguments.suffix(2) == ["--no-deps", "two"])
    }

    @Test("Without such requirements there is no second run")
    func oneRun() throws {
        let plan = try EnvironmentPlan(for: [#require(try AdapterEntry.entry("plain"))])
        #expect(Installer.pip.steps(plan, python: "/p", folder: "/f").count == 2)
    }
}
