import JSONBytes
import NIOCore
import OpenEnvWire
import RewardModel
import Scoring

/// From the environment to the client.
extension RelaySession {
    func drainEnvironment() {
        do {
            while !ending.dropsFrames, let event = try fromEnvironment.next() { handleEnvironment(event) }
        } catch {
            violated(error, by: .environment)
        }
        resumeClient()
        adjustReading()
        finishDrainIfIdle()
    }

    private func handleEnvironment(_ event: WalkEvent) {
        if case .frame(let header, let bytes) = event, header.opcode.isControl {
            return handleControl(header, bytes)
        }
        if isStreamingReply { return stream(event) }
        guard looksIntoReplies || !held.isEmpty || reply.isCollecting else {
            isStreamingReply = true
            return stream(event)
        }
        collect(event)
    }

    /// Pings and pongs go ahead of held replies; a close waits for them.
    private func handleControl(_ header: FrameHeader, _ bytes: ByteBuffer) {
        guard header.opcode == .close else { return client.write(bytes) }
        stateLost()
        sendToClient([bytes])
        closeSeen(from: .environment)
    }

    private var looksIntoReplies: Bool { scoring != nil && !isDesynchronised }

    private func stream(_ event: WalkEvent) {
        switch event {
        case .frame(let header, let bytes):
            client.write(bytes)
            if header.endsMessage { streamEnded() }
        case .began(_, let bytes), .payload(let bytes):
            client.write(bytes)
        case .ended(let header):
            if header.endsMessage { streamEnded() }
        }
    }

    private func streamEnded() {
        isStreamingReply = false
        guard isEnvironmentSocket else { return }
        match(nil, reply: nil)
        sendOwnReplies()
    }

    private func collect(_ event: WalkEvent) {
        if isDroppingReply { return drop(event) }
        if isTooLargeToKeep(event) { passOn() }
        if isStreamingReply { return stream(event) }
        if let message = reply.add(event) { return match(scan(message), reply: message) }
        guard !keepBudget(), !isBridgeStateNext else { return }
        expireHeld(as: .overloaded)
        guard shared.budget.isExceeded else { return }
        // A reply that waits for the disk is still held, and what comes behind it stays there.
        if isStepNext { startDropping() } else if held.isEmpty { passOn() }
    }

    /// Only a step's reply is worth holding whatever its size: its reward must not pass as if it were the rubric's.
    private func isTooLargeToKeep(_ event: WalkEvent) -> Bool {
        guard held.isEmpty, !isStepNext, !isBridgeStateNext else { return false }
        switch event {
        case .frame(let header, _), .began(let header, _):
            return reply.byteCount + header.payloadLength > limits.scoreMax
        case .payload, .ended: return false
        }
    }

    private var isStepNext: Bool {
        if case .step = requests.first?.context { true } else { false }
    }

    private var isBridgeStateNext: Bool {
        if case .bridgeState = requests.first?.context { true } else { false }
    }

    /// The reply that comes in is passed on as it comes from here on.
    private func passOn() {
        isStreamingReply = true
        for frame in reply.abandon() { client.write(frame) }
    }

    /// There is no room for the step's reply, and as it stands it would carry the environment's reward: an error frame
    /// takes its place.
    private func startDropping() {
        _ = reply.abandon()
        isDroppingReply = true
        keepBudget()
    }

    private func drop(_ event: WalkEvent) {
        switch event {
        case .ended(let header), .frame(let header, _):
            guard header.endsMessage else { return }
        case .began, .payload: return
        }
        isDroppingReply = false
        apply(scoring?.stepUnscorable(.failed(.overloaded), at: shared.now()) ?? [])
        sendToClient([FrameEncoder.text(ErrorFrame.rewardFailed(reply: nil), maskingKey: nil)])
        match(nil, reply: nil)
    }

    /// - Returns: nil for a message that is not looked into.
    private func scan(_ message: WireMessage) -> ScannedReply? {
        guard looksIntoReplies, message.byteCount <= limits.scoreMax || isStepNext else { return nil }
        return ScannedReply(message, mayBeStep: isStepNext)
    }

    /// Pairs a reply with its request.
    /// - Parameters:
    ///   - scanned: nil where it was not looked into: then it fits.
    ///   - message: nil when its frames were passed on already.
    private func match(_ scanned: ScannedReply?, reply message: WireMessage?) {
        guard !isDesynchronised else {
            if let message { sendToClient(message.frames) }
            return
        }
        let kind = scanned?.kind ?? requests.first?.kind.usualReply ?? .error
        switch requests.replyArrived(kind) {
        case .matched(let entry):
            repliesSeen += 1
            requestBytes -= entry.context.byteCount
            handle(message, scanned, answering: entry.context)
        case .unasked:
            if let message { sendToClient(message.frames) }
        case .desynchronised:
            desynchronised()
            if let message { sendToClient(message.frames) }
        }
        sendOwnReplies()
        keepBudget()
    }

    private func handle(_ message: WireMessage?, _ scanned: ScannedReply?, answering request: PendingRequest) {
        if case .bridgeState = request { return stateArrived(scanned?.kind == .state ? scanned?.data : nil) }
        guard let message, let scanned else {
            if let message { sendToClient(message.frames) }
            return handleUnread(request)
        }
        if case .step(let action, let isToolListing, let requestedAt) = request, let reply = scanned.step {
            return handleStep(message, reply, action, isToolListing, requestedAt)
        }
        sendToClient(message.frames)
        switch (request, scanned.kind) {
        case (.reset(let request, let key), .observation):
            resetArrived(ResetExchange(request: request, key: key, reply: scanned.data, state: nil))
        case (.other, .mcp): noteUpstreamSession(in: scanned.data)
        case (.unscoredStep, .observation): handleUnread(request)
        case (.state, .state): if let state = scanned.data { scoring?.stateSeen(state) }
        default: break
        }
    }

    /// `openenv/session/create` on a socket answers with that socket's own id.
    private func noteUpstreamSession(in data: RawJSON?) {
        let result = data?.member("result")
        if let id = result?.member("session_id")?.string() { scoring?.upstreamSessionSeen(id) }
    }

    /// A reply that was not looked into, such as one too large to keep, began an episode or answered a step all the same.
    private func handleUnread(_ request: PendingRequest) {
        switch request {
        case .reset(let request, let key):
            resetArrived(ResetExchange(request: request, key: key, reply: nil, state: nil))
        case .unscoredStep(let outcome):
            apply(scoring?.stepUnscorable(outcome, at: shared.now()) ?? [])
        case .step, .state, .bridgeState, .other: break
        }
    }

    private func handleStep(
        _ message: WireMessage,
        _ reply: StepReply,
        _ action: RawJSON,
        _ isToolListing: Bool,
        _ requestedAt: ContinuousClock.Instant
    ) {
        let exchange = StepExchange(
            action: action,
            isToolListing: isToolListing,
            observation: reply.observation ?? RawJSON("null"),
            reward: reply.reward,
            done: reply.done,
            state: nil,
            requestedAt: requestedAt,
            problem: message.byteCount > limits.scoreMax ? .failed(.tooLarge) : nil
        )
        if isBridgeStateNext {
            awaitingState = .step(exchange, message, reply)
        } else {
            score(exchange, message, reply)
        }
    }

    private func resetArrived(_ exchange: ResetExchange) {
        if isBridgeStateNext {
            awaitingState = .reset(exchange)
        } else {
            apply(scoring?.resetAnswered(exchange, at: shared.now()) ?? [])
        }
    }

    /// The state that was asked for will not come.
    func stateLost() {
        if awaitingState != nil { stateArrived(nil) }
    }

    private func stateArrived(_ state: RawJSON?) {
        let awaiting = awaitingState
        awaitingState = nil
        switch awaiting {
        case .reset(var exchange):
            exchange.state = state
            apply(scoring?.resetAnswered(exchange, at: shared.now()) ?? [])
        case .step(var exchange, let message, let reply):
            exchange.state = state
            score(exchange, message, reply)
        case nil: break
        }
    }
}

extension ClientMessage.Kind {
    /// What the environment answers with when all goes well.
    fileprivate var usualReply: ServerMessage.Kind {
        switch self {
        case .reset, .step: .observation
        case .state: .state
        case .mcp: .mcp
        case .close, .validation, .other: .other
        }
    }
}
