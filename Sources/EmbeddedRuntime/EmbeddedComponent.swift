package import AdapterSeam
import Logging
import PythonEmbedding
package import RewardModel

/// A component in the embedded interpreter.
package final class EmbeddedComponent: LoadedComponent {
    package let description: ComponentDescription
    private let number: UInt64
    private let place: InterpreterPlace

    init(_ description: ComponentDescription, number: UInt64, in place: InterpreterPlace) {
        self.description = description
        self.number = number
        self.place = place
    }

    package func open(_ episode: EpisodeKey) {
        guard description.isStateful else { return }
        place.attempt { [number] host, until in try host.open(episode, of: number, until: until) }
    }

    package func close(_ episode: EpisodeKey) {
        guard description.isStateful else { return }
        place.attempt { [number] host, until in try host.close(episode, of: number, until: until) }
    }

    package func score(_ calls: [ScoreCall], into sink: any ScoreSink) {
        guard let first = place.calls.add(calls, of: number, sink: sink) else {
            let outcome: Outcome = place.calls.isClosed ? .wedged : .failed(.overloaded, message: "too many calls wait")
            return sink.receive(calls.map { ScoreAnswer(ticket: $0.ticket, result: ComponentResult(outcome)) })
        }
        let burst = CallBurst(calls, firstID: first, component: number, isStateful: description.isStateful, sink: sink)
        place.run { [place] host in burst.run(on: host, calls: place.calls, callTimeout: place.options.callTimeout) }
    }

    package func retire() async {
        for call in place.calls.takeAll(of: number) {
            call.answer(.failed(.unavailable, message: "the component was retired"))
        }
        await place.retire(number)
    }
}

extension Outcome {
    static let wedged = Outcome.failed(.wedged, message: "the embedded interpreter no longer answers")
}
