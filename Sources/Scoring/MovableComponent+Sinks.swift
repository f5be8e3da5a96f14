import AdapterSeam
import JSONBytes
import RewardModel

/// Passes answers of the first place on, and gives the calls back that it never ran.
struct FirstSink: ScoreSink {
    let calls: [ScoreCall]
    let sink: any ScoreSink
    let giveBack: @Sendable ([ScoreCall]) -> Void

    func receive(_ answers: [ScoreAnswer]) {
        let unrun = Set(answers.lazy.filter { $0.result.outcome.kind == .wedged }.map(\.ticket))
        guard !unrun.isEmpty else { return sink.receive(answers) }
        let rest = answers.filter { !unrun.contains($0.ticket) }
        if !rest.isEmpty { sink.receive(rest) }
        giveBack(calls.filter { unrun.contains($0.ticket) })
    }
}

/// Says of each outcome that it comes from the second place.
struct SecondSink: ScoreSink {
    let placement: Placement
    let sink: any ScoreSink

    func receive(_ answers: [ScoreAnswer]) {
        sink.receive(
            answers.map { answer in
                var answer = answer
                answer.result.labels = labels(adding: placement, to: answer.result.labels)
                return answer
            }
        )
    }

    private func labels(adding placement: Placement, to labels: RawJSON?) -> RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        for (name, value) in labels?.members() ?? [] where name != "placement" {
            writer.key(name)
            writer.raw(value)
        }
        writer.key("placement")
        writer.string(placement.rawValue)
        writer.endObject()
        return writer.finish()
    }
}
