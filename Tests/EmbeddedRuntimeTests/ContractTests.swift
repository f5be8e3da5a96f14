import Foundation
import Testing

@Suite("embedded runtime", .serialized)
struct ContractTests {
    @Test("the embedded runtime keeps the contract of the seam")
    func contract() throws {
        let trial = try Trial.contract()
        #expect(trial.status == 0, "\(trial.errors)")
    }

    /// Skipped where the machine has no such Python; CI's machines have them.
    @Test("and with other versions of Python", arguments: Pythons.others)
    func versions(python: String) throws {
        let trial = try Trial.contract(python: python)
        #expect(trial.status == 0, "\(trial.errors)")
    }

    @Test("libraries with parts in C are imported and used")
    func libraries() throws {
        let code = """
            import numpy, orjson, pydantic

            class Answer(pydantic.BaseModel):
                values: list[float]

            def score(action, observation):
                answer = Answer.model_validate_json(orjson.dumps({"values": [1.0, 2.0]}))
                return numpy.float64(numpy.mean(answer.values))
            """
        #expect(try Trial.score(code, "score") == ["score: scored(1.5)", "given up: false"])
    }

    @Test("math_verify, which sets alarms, works as in a plain run", .enabled(if: Pythons.hasMathVerify))
    func mathVerify() throws {
        let code = """
            from math_verify import parse, verify

            def score(action, observation):
                return verify(parse("$\\\\frac{1}{2}$"), parse("0.5"))
            """
        let lines = try Trial.score(python: Pythons.verifiers, code, "score")
        #expect(lines == ["score: scored(1.0)", "given up: false"])
    }
}

enum Pythons {
    /// With math_verify.
    static let verifiers = Trial.repository.appending(path: ".venv-verifiers/bin/python").path
    static let hasMathVerify = FileManager.default.isExecutableFile(atPath: verifiers)

    /// 3.12 and 3.13 with a shared library, where pyenv has them.
    static let others: [String] = {
        let folder = NSHomeDirectory() + "/.pyenv/versions"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return versions.sorted()
            .filter { $0.hasPrefix("3.12.") || $0.hasPrefix("3.13.") }
            .map { "\(folder)/\($0)/bin/python3" }
    }()
}
