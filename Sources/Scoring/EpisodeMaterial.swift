import JSONBytes
import RewardModel

/// What passed on the wire in one episode, as far as a record may need it. Raw bytes throughout.
struct EpisodeMaterial {
    /// The reset request's data, without the bridge's own key.
    var resetRequest: RawJSON?
    /// The data of the reset's reply.
    var reset: RawJSON?
    /// The state after the reset, where it was asked for.
    var resetState: RawJSON?
    var task: RawJSON?
    /// The gold answer of the reset key; goes before the view's.
    var answer: RawJSON?
    /// Earlier steps, kept only for plans that need them, and the current one last.
    private(set) var steps: [StepMaterial] = []
    /// Bytes of the steps, kept or not.
    private(set) var byteCount = 0
    /// The steps were more than may be kept, and none is.
    private(set) var hasOutgrown = false

    /// Makes a step the current one, forgetting the earlier ones unless they are to be kept.
    /// - Parameter limit: bytes of steps that may be kept.
    mutating func add(_ step: StepMaterial, keepingEarlier: Bool, within limit: Int) {
        if !keepingEarlier {
            steps.removeAll(keepingCapacity: true)
            byteCount = 0
        }
        byteCount += step.byteCount
        hasOutgrown = byteCount > limit
        if hasOutgrown { steps = [] } else { steps.append(step) }
    }
}

struct StepMaterial {
    /// From 1.
    let index: Int
    let action: RawJSON
    let observation: RawJSON
    /// What the environment itself said in `reward`.
    let reward: RawJSON?
    let done: Bool
    let state: RawJSON?

    var byteCount: Int {
        action.count + observation.count + (reward?.count ?? 0) + (state?.count ?? 0)
    }
}

extension JSONWriter {
    /// Writes a step of an `evalrec/1` record.
    mutating func step(_ step: StepMaterial) {
        beginObject()
        key("index")
        int(step.index)
        key("action")
        raw(step.action)
        key("observation")
        raw(step.observation)
        if let reward = step.reward {
            key("reward")
            raw(reward)
        }
        key("done")
        bool(step.done)
        if let state = step.state {
            key("state")
            raw(state)
        }
        endObject()
    }

    /// Writes the reset as step 0.
    mutating func resetStep(_ material: EpisodeMaterial) {
        beginObject()
        key("index")
        int(0)
        key("action")
        null()
        key("observation")
        raw(material.reset?.member("observation") ?? RawJSON("null"))
        key("done")
        bool(false)
        if let state = material.resetState {
            key("state")
            raw(state)
        }
        if let request = material.resetRequest {
            key("info")
            beginObject()
            key("reset_request")
            raw(request)
            endObject()
        }
        endObject()
    }
}
