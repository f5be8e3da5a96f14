import AdapterSeam
import JSONBytes
import RewardModel

/// A call in the pool, from its submission to its answer.
struct PooledCall: Sendable {
    let ticket: UInt64
    let episode: EpisodeKey
    let record: RawJSON
    let deadline: ContinuousClock.Instant
    /// Who is answered.
    let sink: SinkReference
    /// How often it was taken from a worker and given to another.
    var moves = 0
    var wasMovedByHang = false

    init(_ call: ScoreCall, sink: SinkReference) {
        ticket = call.ticket
        episode = call.episode
        record = call.record
        deadline = call.deadline
        self.sink = sink
    }
}

/// A sink with an identity, by which answers are batched.
final class SinkReference: Sendable {
    let sink: any ScoreSink
    /// Equal for references to one object.
    let identity: ObjectIdentifier?

    init(_ sink: any ScoreSink) {
        self.sink = sink
        identity = type(of: sink) is AnyObject.Type ? ObjectIdentifier(sink as AnyObject) : nil
    }
}
