import JSONBytes
import OpenEnvWire
import RewardModel
import Scoring

/// A request that was sent to the environment and has no reply yet.
///
/// Indirect, like ``AwaitingState``: how large a `ContinuousClock.Instant` is, is known at run time only, and so would the
/// layout of whatever holds one be; each copy took 200 instructions and more, even where nothing is scored.
indirect enum PendingRequest {
    case reset(request: RawJSON?, key: ResetKeyContent?)
    case step(action: RawJSON, isToolListing: Bool, requestedAt: ContinuousClock.Instant)
    /// A step that is not scored, for a reason that is known before its reply.
    case unscoredStep(Outcome)
    /// Sent by the client.
    case state
    /// Sent by the bridge for a rubric that needs the state; the reply never reaches the client.
    case bridgeState
    case other

    /// Bytes kept of the request.
    var byteCount: Int {
        switch self {
        case .reset(let request, let key): (request?.count ?? 0) + (key?.byteCount ?? 0)
        case .step(let action, _, _): action.count
        case .unscoredStep, .state, .bridgeState, .other: 0
        }
    }
}

/// A reset or a step that was answered and waits for the bridge's own state request.
indirect enum AwaitingState {
    case reset(ResetExchange)
    case step(StepExchange, WireMessage, StepReply)

    /// Bytes of the reply that waits with it.
    var byteCount: Int {
        if case .step(_, let message, _) = self { message.byteCount } else { 0 }
    }
}
