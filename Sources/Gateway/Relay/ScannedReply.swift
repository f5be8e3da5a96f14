import JSONBytes
import OpenEnvWire

/// What one pass over a reply found.
struct ScannedReply {
    let kind: ServerMessage.Kind
    /// The value of `data`; not looked for where a step is found.
    private(set) var data: RawJSON?
    /// Of an observation that may be a step's.
    private(set) var step: StepReply?

    /// - Parameter mayBeStep: a step waits for its reply.
    init(_ message: WireMessage, mayBeStep: Bool) {
        guard message.isText else {
            kind = .other
            return
        }
        if mayBeStep, let step = StepReply(payload: message.payload) {
            kind = .observation
            self.step = step
        } else {
            let scanned = ServerMessage.scan(message.payload)
            kind = scanned.kind
            data = scanned.data
        }
    }
}
