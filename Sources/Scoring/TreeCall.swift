import AdapterSeam
import RewardModel
import RubricTree
import Synchronization

/// One call of a tree: gives its components their calls, and answers once.
final class TreeCall: Sendable {
    let call: ScoreCall
    private let owner: CompositeComponent
    private let sink: any ScoreSink
    private let state: Mutex<State>

    private struct State {
        var run: TreeRun
        /// By the component's position.
        var results: [ComponentResult?]
    }

    init(_ call: ScoreCall, _ run: TreeRun, of owner: CompositeComponent, _ sink: any ScoreSink) {
        self.call = call
        self.owner = owner
        self.sink = sink
        state = Mutex(State(run: run, results: Array(repeating: nil, count: owner.parts.count)))
    }

    func start() {
        act(on: state.withLock { $0.run.start() })
    }

    fileprivate func answered(_ part: Int, _ result: ComponentResult) {
        let next = state.withLock { state in
            state.results[part] = result
            return state.run.answer(part, result.outcome)
        }
        act(on: next)
    }

    private func act(on next: TreeRun.Next) {
        switch next {
        case .call(let parts): for part in parts { ask(part) }
        case .finished:
            let result = state.withLock { [report = owner.report] in report.result(of: $0.run, $0.results) }
            sink.receive([ScoreAnswer(ticket: call.ticket, result: result)])
            owner.giveTurn(of: call.episode)
        }
    }

    private func ask(_ part: Int) {
        var call = call
        call.ticket = UInt64(part)
        if let timeout = owner.timeouts[part] { call.deadline = min(call.deadline, .now + timeout) }
        owner.parts[part].score([call], into: PartSink(tree: self))
    }

    private struct PartSink: ScoreSink {
        let tree: TreeCall

        func receive(_ answers: [ScoreAnswer]) {
            for answer in answers { tree.answered(Int(answer.ticket), answer.result) }
        }
    }
}
