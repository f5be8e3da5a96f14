import AdapterSeam
import RewardModel

/// Calls that came together, on their way through the interpreter.
struct CallBurst: Sendable {
    /// Nothing waits longer than this for the calls behind it.
    private static let gatherMax = Duration.microseconds(200)

    private let calls: [ScoreCall]
    private let firstID: UInt64
    private let component: UInt64
    private let isStateful: Bool
    private let sink: any ScoreSink

    init(_ calls: [ScoreCall], firstID: UInt64, component: UInt64, isStateful: Bool, sink: any ScoreSink) {
        self.calls = calls
        self.firstID = firstID
        self.component = component
        self.isStateful = isStateful
        self.sink = sink
    }

    /// On the interpreter's thread.
    func run(on host: EmbeddedHost, calls open: OpenCalls, callTimeout: Duration) {
        var answers: [ScoreAnswer] = []
        var gathered = ContinuousClock.now
        for (offset, call) in calls.enumerated() {
            let id = firstID + UInt64(offset)
            let start = ContinuousClock.now
            let left = start.duration(to: call.deadline)
            guard left > .zero, open.begin(id) else { continue }
            let result = host.score(
                call.record,
                id: id,
                episode: isStateful ? call.episode.description : "",
                of: component,
                until: MonotonicClock.instant(after: min(left, callTimeout))
            )
            let end = ContinuousClock.now
            if var result, open.take(id) != nil {
                result.runTime = result.runTime ?? start.duration(to: end)
                answers.append(ScoreAnswer(ticket: call.ticket, result: result))
            }
            if gathered.duration(to: end) > Self.gatherMax, !answers.isEmpty {
                sink.receive(answers)
                answers = []
                gathered = end
            }
        }
        if !answers.isEmpty { sink.receive(answers) }
    }
}
