import AdapterSeam
import BridgeTesting
import EmbeddedRuntime
import JSONBytes
import RewardModel

/// Calls functions of one file, each as a component of its own, one after the other.
struct ScoreTrial {
    let runtime: EmbeddedRuntime
    let python: String
    /// The file, and then `NAME`, or `NAME=SECONDS` for a deadline other than 10 s, or `PYTHON:NAME` for another Python.
    let arguments: [String]

    func run() async throws {
        guard let file = arguments.first, let slash = file.lastIndex(of: "/") else {
            throw ContractBreach("no FILE.py")
        }
        let names = arguments.dropFirst().map { $0.split(separator: "=").map(String.init) }
        for (number, name) in names.enumerated() {
            let seconds = name.count > 1 ? Double(name[1]) ?? 10 : 10
            let line = await outcome(
                of: name[0],
                in: String(file[file.index(after: slash)...]),
                root: String(file[..<slash]),
                deadline: .seconds(seconds),
                number: number
            )
            print(line)
        }
        print("given up: \(runtime.isGivenUp)")
    }

    private func outcome(of name: String, in file: String, root: String, deadline: Duration, number: Int) async
        -> String
    {
        let parts = name.split(separator: ":").map(String.init)
        do {
            let source = ComponentSource(
                reference: try ComponentReference("python:\(file):\(parts[parts.count - 1])"),
                settings: RawJSON("{}"),
                root: root,
                python: parts.count > 1 ? parts[0] : python
            )
            let component = try await runtime.load(source)
            let collector = AnswerCollector()
            component.score([call(number, deadline)], into: collector)
            try await collector.wait(for: 1)
            return collector.answers.map { "\(name): \($0.result.outcome)" }.joined()
        } catch {
            return "\(name): \(error)"
        }
    }

    private func call(_ number: Int, _ deadline: Duration) -> ScoreCall {
        let step = #"{"index":1,"action":{},"observation":{},"reward":null,"done":false}"#
        return ScoreCall(
            ticket: UInt64(number),
            episode: EpisodeKey(session: SessionID(high: 1, low: 1), number: 1),
            record: RawJSON(text: #"{"schema":"evalrec/1","steps":[\#(step)]}"#),
            deadline: .now + deadline
        )
    }
}
