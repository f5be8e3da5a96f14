package import JSONBytes
package import RewardModel

/// A place where adapters run: worker processes, the embedded interpreter, a remote pool.
///
/// Scoring holds runtimes by this protocol alone and never learns where a component runs. Every runtime passes
/// `SeamContract` of BridgeTesting.
package protocol ComponentRuntime: Sendable {
    /// Loads a component and waits for its description.
    ///
    /// Start-up, not the hot path. Cancelling the task abandons the load and frees what it took.
    /// - Throws: ``BridgeError`` with code `.rubric` when the component refuses, `.python` or `.worker` when its place
    ///   cannot be had.
    func load(_ component: ComponentSource) async throws -> any LoadedComponent
}

/// A component that can be called. Safe from any thread.
package protocol LoadedComponent: AnyObject, Sendable {
    var description: ComponentDescription { get }

    /// Begins an episode of a stateful component: once, before its first ``score(_:into:)``. Nothing answers; an episode
    /// that cannot be opened fails at its first call. Ignored by components without state.
    func open(_ episode: EpisodeKey)

    /// Scores records. Each call is answered exactly once, in whatever order, in one or several batches, on any thread,
    /// possibly before this method returns; at the latest soon after its deadline.
    ///
    /// Calls of one episode of a stateful component run one after the other, in the order given here.
    func score(_ calls: [ScoreCall], into sink: any ScoreSink)

    /// Ends an episode of a stateful component: once, after its last call was given (not: answered).
    func close(_ episode: EpisodeKey)

    /// Ends the component: open calls are answered `failed(unavailable)`, and everything it took is freed on return.
    func retire() async
}

/// One call of a component.
package struct ScoreCall: Sendable {
    /// Chosen by the caller, unique among the calls of its sink; comes back in the answer.
    package var ticket: UInt64
    package var episode: EpisodeKey
    /// An `evalrec/1` object with at least what the description needs.
    package var record: RawJSON
    /// When the answer is no longer wanted.
    package var deadline: ContinuousClock.Instant

    package init(ticket: UInt64, episode: EpisodeKey, record: RawJSON, deadline: ContinuousClock.Instant) {
        self.ticket = ticket
        self.episode = episode
        self.record = record
        self.deadline = deadline
    }
}

/// Takes the answers of calls.
package protocol ScoreSink: Sendable {
    /// Called on any thread; must return at once.
    func receive(_ answers: [ScoreAnswer])
}

package struct ScoreAnswer: Sendable {
    package var ticket: UInt64
    package var result: ComponentResult

    package init(ticket: UInt64, result: ComponentResult) {
        self.ticket = ticket
        self.result = result
    }
}
