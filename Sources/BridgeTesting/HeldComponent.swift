package import AdapterSeam
package import RewardModel

/// A component whose answers the test gives by hand: it keeps the calls that it got.
package final class HeldComponent: LoadedComponent {
    private struct State {
        var calls: [ScoreCall] = []
        var sinks: [any ScoreSink] = []
        var events: [String] = []
    }

    package let description: ComponentDescription
    private let state = Watched(State())

    package init(_ description: ComponentDescription) {
        self.description = description
    }

    /// The calls so far.
    package var calls: [ScoreCall] { state.value.calls }
    /// `open 1`, `score 1`, `close 1`: by episode number, in order.
    package var events: [String] { state.value.events }

    package func open(_ episode: EpisodeKey) {
        state.change { $0.events.append("open \(episode.number)") }
    }

    package func score(_ calls: [ScoreCall], into sink: any ScoreSink) {
        state.change { state in
            state.calls += calls
            state.sinks += calls.map { _ in sink }
            state.events += calls.map { "score \($0.episode.number)" }
        }
    }

    package func close(_ episode: EpisodeKey) {
        state.change { $0.events.append("close \(episode.number)") }
    }

    package func retire() async {}

    /// Returns when that many calls have come.
    package func wait(forCalls count: Int) async throws {
        try await state.wait(for: "\(count) calls") { $0.calls.count >= count }
    }

    /// Returns when that many events have come.
    package func wait(forEvents count: Int) async throws {
        try await state.wait(for: "\(count) events") { $0.events.count >= count }
    }

    /// Answers a call, by the order in which they came, from 0.
    package func answer(_ index: Int, _ outcome: Outcome) {
        answer(index, ComponentResult(outcome))
    }

    package func answer(_ index: Int, _ result: ComponentResult) {
        let (call, sink) = state.change { ($0.calls[index], $0.sinks[index]) }
        sink.receive([ScoreAnswer(ticket: call.ticket, result: result)])
    }

    /// Lets go of the sinks, as a runtime does once it has answered.
    package func forgetSinks() {
        state.change { $0.sinks = [] }
    }
}

extension ComponentDescription {
    package static func steps(stateful: Bool = false) -> ComponentDescription {
        ComponentDescription(
            unit: .step,
            needs: [.action, .observation],
            isStateful: stateful,
            library: Library(name: "python", version: "3.11.7")
        )
    }

    package static func episodes(prefix: Bool = false) -> ComponentDescription {
        ComponentDescription(
            unit: .episode,
            needs: [.action, .observation],
            scoresPrefixes: prefix,
            library: Library(name: "python", version: "3.11.7")
        )
    }
}
