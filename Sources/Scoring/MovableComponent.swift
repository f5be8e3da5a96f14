package import AdapterSeam
package import Logging
package import RewardModel
import Synchronization

/// A component that scores the same in two places: when the first is lost, the second takes over.
///
/// The first place says that it is lost by the answer `failed(wedged)`: the call never ran. Outcomes of the second
/// carry the label `placement`. Episodes of a stateful component that were open at the loss are `failed(state_lost)`.
package final class MovableComponent: LoadedComponent {
    package let description: ComponentDescription
    private let first: any LoadedComponent
    private let placement: Placement
    private let loadSecond: @Sendable () async throws -> any LoadedComponent
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        var phase = Phase.inFirst
        /// Of stateful components.
        var open: Set<EpisodeKey> = []
        var lost: Set<EpisodeKey> = []

        mutating func note(_ request: Request) {
            switch request {
            case .open(let episode): open.insert(episode)
            case .close(let episode):
                open.remove(episode)
                lost.remove(episode)
            case .score: break
            }
        }
    }

    private enum Phase {
        case inFirst
        /// The task loads the second place; requests wait for it in their order.
        case moving(Task<Void, Never>, [Request])
        case inSecond(any LoadedComponent)
        case nowhere(Outcome)
    }

    private enum Request: Sendable {
        case open(EpisodeKey)
        case score([ScoreCall], any ScoreSink)
        case close(EpisodeKey)
    }

    /// - Parameters:
    ///   - placement: of the second place.
    ///   - second: loads the component in its second place; called once, and only if the first is lost.
    package init(
        _ first: any LoadedComponent,
        thenIn placement: Placement,
        logger: Logger,
        second: @escaping @Sendable () async throws -> any LoadedComponent
    ) {
        description = first.description
        self.first = first
        self.placement = placement
        self.logger = logger
        loadSecond = second
    }

    package func open(_ episode: EpisodeKey) { take(.open(episode)) }

    package func score(_ calls: [ScoreCall], into sink: any ScoreSink) { take(.score(calls, sink)) }

    package func close(_ episode: EpisodeKey) { take(.close(episode)) }

    package func retire() async {
        await first.retire()
        if case .moving(let move, _) = state.withLock(\.phase) {
            move.cancel()
            await move.value
        }
        if case .inSecond(let second) = state.withLock(\.phase) { await second.retire() }
    }

    // MARK: - Requests

    private func take(_ request: Request) {
        let phase = state.withLock { state in
            state.note(request)
            if case .moving(let task, let waiting) = state.phase { state.phase = .moving(task, waiting + [request]) }
            return state.phase
        }
        switch phase {
        case .inFirst: giveFirst(request)
        case .moving: break
        case .inSecond(let second): give(request, to: second)
        case .nowhere(let outcome): refuse(request, outcome)
        }
    }

    private func giveFirst(_ request: Request) {
        switch request {
        case .open(let episode): first.open(episode)
        case .score(let calls, let sink):
            first.score(calls, into: FirstSink(calls: calls, sink: sink) { [weak self] in self?.move($0, sink) })
        case .close(let episode): first.close(episode)
        }
    }

    private func give(_ request: Request, to second: any LoadedComponent) {
        switch request {
        case .open(let episode): second.open(episode)
        case .close(let episode): second.close(episode)
        case .score(let calls, let sink):
            let lost = state.withLock(\.lost)
            let alive = calls.filter { !lost.contains($0.episode) }
            if !alive.isEmpty { second.score(alive, into: SecondSink(placement: placement, sink: sink)) }
            refuse(
                .score(calls.filter { lost.contains($0.episode) }, sink),
                .failed(.stateLost, message: "the place that held the episode's state is lost")
            )
        }
    }

    private func refuse(_ request: Request, _ outcome: Outcome) {
        guard case .score(let calls, let sink) = request, !calls.isEmpty else { return }
        sink.receive(calls.map { ScoreAnswer(ticket: $0.ticket, result: ComponentResult(outcome)) })
    }

    // MARK: - The move

    /// Calls that the first place gave back.
    private func move(_ calls: [ScoreCall], _ sink: any ScoreSink) {
        state.withLock { state in
            guard case .inFirst = state.phase else { return }
            state.lost = state.open
            state.phase = .moving(Task { await self.moveOver() }, [])
        }
        take(.score(calls, sink))
    }

    private func moveOver() async {
        logger.warning("component of \(description.library.name): its place is lost, it moves (\(placement.rawValue))")
        do {
            let second = try await loadSecond()
            while let waiting = nextWaiting(then: .inSecond(second)) {
                for request in waiting { give(request, to: second) }
            }
        } catch {
            logger.error("component of \(description.library.name): could not be moved: \(error)")
            let outcome = Outcome.failed(.unavailable, message: "the component could not be moved from a lost place")
            while let waiting = nextWaiting(then: .nowhere(outcome)) {
                for request in waiting { refuse(request, outcome) }
            }
        }
    }

    /// What waits; nil when nothing does, and then the next phase has begun.
    private func nextWaiting(then next: Phase) -> [Request]? {
        state.withLock { state in
            guard case .moving(let task, let waiting) = state.phase, !waiting.isEmpty else {
                state.phase = next
                return nil
            }
            state.phase = .moving(task, [])
            return waiting
        }
    }
}
