import AdapterSeam
import RewardModel

/// Answers on their way to their sinks, one batch for each.
struct AnswerBatches {
    private var batches: [ObjectIdentifier: (sink: SinkReference, answers: [ScoreAnswer])] = [:]

    mutating func add(_ call: PooledCall, _ result: ComponentResult) {
        let key = call.sink.identity ?? ObjectIdentifier(call.sink)
        let answer = ScoreAnswer(ticket: call.ticket, result: result)
        batches[key, default: (call.sink, [])].answers.append(answer)
    }

    func deliver() {
        for batch in batches.values { batch.sink.sink.receive(batch.answers) }
    }
}
