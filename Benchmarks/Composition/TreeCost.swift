import AdapterSeam
import JSONBytes
import RewardModel
import Scoring
import Synchronization

/// A weighted sum over components that answer at once, on the same thread: what is left is the tree.
struct TreeCost {
    private let tree: CompositeComponent
    private let record = RawJSON(#"{"schema":"evalrec/1","steps":[{"index":1,"action":{},"observation":{}}]}"#)
    private let episode = EpisodeKey(session: SessionID(high: 1, low: 1), number: 1)

    init(leaves: Int) throws {
        let nodes = try (0..<leaves).map { number in
            let reference = try ComponentReference("python:rewards.py:part\(number)")
            return RubricNode(name: "part\(number)", content: .component(RubricComponent(reference: reference)))
        }
        let root = RubricNode(name: "tree", content: .combination(.weightedSum, of: nodes))
        tree = try CompositeComponent(root, nodes.map { _ in Instant() })
    }

    /// Microseconds of a call, the median of many runs.
    func median(calls: Int) -> Double {
        let sink = Sum()
        let clock = ContinuousClock()
        let runs = (0..<21).map { _ in
            clock.measure {
                for ticket in 0..<calls {
                    let call = ScoreCall(
                        ticket: UInt64(ticket),
                        episode: episode,
                        record: record,
                        deadline: clock.now + .seconds(60)
                    )
                    tree.score([call], into: sink)
                }
            }
        }
        precondition(sink.count == calls * runs.count, "every call is answered")
        return runs.sorted()[runs.count / 2] / .microseconds(calls)
    }
}

/// Answers before it returns.
private final class Instant: LoadedComponent {
    let description = ComponentDescription(
        unit: .step,
        needs: [.action],
        library: ComponentDescription.Library(name: "none", version: "")
    )

    func open(_ episode: EpisodeKey) {}

    func score(_ calls: [ScoreCall], into sink: any ScoreSink) {
        sink.receive(calls.map { ScoreAnswer(ticket: $0.ticket, result: ComponentResult(.scored(0.5))) })
    }

    func close(_ episode: EpisodeKey) {}

    func retire() async {}
}

private final class Sum: ScoreSink {
    private let answers = Mutex(0)

    var count: Int { answers.withLock { $0 } }

    func receive(_ answers: [ScoreAnswer]) {
        let scored = answers.count { $0.result.outcome.value != nil }
        self.answers.withLock { $0 += scored }
    }
}
