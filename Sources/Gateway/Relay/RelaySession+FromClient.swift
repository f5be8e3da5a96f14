import JSONBytes
import NIOCore
import OpenEnvWire
import RewardModel
import Scoring

/// From the client to the environment.
extension RelaySession {
    /// Forwards what the client sent, as far as requests may be in flight. The rest waits until a reply makes room, which may
    /// be in the middle of this.
    func drainClient() {
        guard !isDrainingClient else { return }
        isDrainingClient = true
        defer { isDrainingClient = false }
        do {
            while !ending.dropsFrames, let event = try nextFromClient() { handleClient(event) }
        } catch {
            violated(error, by: .client)
        }
        adjustReading()
        passOnClientsEnd()
    }

    /// The next event that may be handled now: in its order, or a ping or pong ahead of requests that wait.
    private func nextFromClient() throws(WireViolation) -> WalkEvent? {
        if takesRequests, let event = backlog.popFirst() { return event }
        while takesRequests || readsAhead, let event = try fromClient.next() {
            if takesRequests || event.isPingOrPong { return event }
            backlog.append(event)
            keepBudget()
        }
        return nil
    }

    /// Replies made room for requests that waited, and for the end behind them.
    func resumeClient() {
        // Mostly nothing waits, and a flush of nothing goes all the way down to the socket.
        guard takesRequests, !backlog.isEmpty || fromClient.hasUnread || ending.clientInputEnded else { return }
        drainClient()
        environment.flush()
    }

    private func handleClient(_ event: WalkEvent) {
        if case .frame(let header, let bytes) = event, header.opcode.isControl {
            environment.write(bytes)
            if header.opcode == .close { closeSeen(from: .client) }
            return
        }
        guard isEnvironmentSocket else { return forward(event) }
        if isOfNoConcern(event) {
            note(.other, .other)
            return forward(event)
        }
        if let message = request.add(event) { handleRequest(message) }
        if !keepBudget() { overBudget() }
    }

    /// A whole message that is only passed on, because nothing is scored: no need to put one together.
    private func isOfNoConcern(_ event: WalkEvent) -> Bool {
        guard scoring == nil, case .frame(let header, let bytes) = event else { return false }
        guard header.opcode == .text, header.isFinal else { return false }
        return !ClientMessage.mayNeedScan(header.payload(of: bytes))
    }

    private func forward(_ event: WalkEvent) {
        switch event {
        case .frame(_, let bytes), .began(_, let bytes), .payload(let bytes): environment.write(bytes)
        case .ended: break
        }
    }

    private func handleRequest(_ message: WireMessage) {
        guard message.isText else { return forward(message, as: .other, .other) }
        let scanned = ClientMessage.scan(message.payload)
        switch scanned.kind {
        case .close:
            ending.isCloseAsked = true
            message.frames.forEach(environment.write)
        case .reset: handleReset(message, scanned)
        case .step where scoring != nil: handleStep(message, scanned)
        case .validation:
            unscored = unscored ?? .unscored(.validation)
            forward(message, as: .validation, .other)
        default: forward(message, as: scanned.kind, scanned.kind == .state ? .state : .other)
        }
    }

    private func handleStep(_ message: WireMessage, _ scanned: ClientMessage) {
        if let unscored {
            if isDesynchronised { apply(scoring?.stepUnscorable(unscored, at: shared.now()) ?? []) }
            return forward(message, as: .step, .unscoredStep(unscored))
        }
        let request = PendingRequest.step(
            action: scanned.data ?? RawJSON("null"),
            isToolListing: scanned.isToolListing,
            requestedAt: shared.now().instant
        )
        forward(message, as: .step, request)
        if scoring?.asksForStateAtStep == true { askForState() }
    }

    private func handleReset(_ message: WireMessage, _ scanned: ClientMessage) {
        guard let resetKey = scanned.resetKey else {
            return forwardReset(message, .reset(request: scanned.data, key: nil))
        }
        do {
            let key = try ResetKeyContent(resetKey.value)
            if let refusal = scoring?.refusal(of: key) { return refuse(refusal) }
            let rest = resetKey.payloadWithoutKey
            var cut = message
            cut.frames = [FrameEncoder.text(rest, maskingKey: message.maskingKey)]
            forwardReset(cut, .reset(request: ClientMessage.scan(rest).data, key: key))
        } catch {
            refuse(error.message)
        }
    }

    private func forwardReset(_ message: WireMessage, _ request: PendingRequest) {
        forward(message, as: .reset, request)
        if unscored == nil, scoring?.asksForStateAtReset == true { askForState() }
    }

    private func forward(_ message: WireMessage, as kind: ClientMessage.Kind, _ request: PendingRequest) {
        note(kind, request)
        for frame in message.frames { environment.write(frame) }
    }

    private func note(_ kind: ClientMessage.Kind, _ request: PendingRequest) {
        guard !isDesynchronised else { return }
        requestsSent += 1
        requests.requestSent(kind, context: request)
        requestBytes += request.byteCount
    }

    /// Asks the environment for its state behind the request that was just forwarded.
    private func askForState() {
        requestsSent += 1
        requests.requestSent(.state, context: .bridgeState)
        let mask = UInt32.random(in: .min ... .max)
        environment.write(FrameEncoder.text(ByteBuffer(staticString: #"{"type": "state"}"#), maskingKey: mask))
    }

    /// Answers a reset in the environment's place, behind the replies that are still to come.
    private func refuse(_ message: String) {
        let frame = FrameEncoder.text(ErrorFrame.validation(message: message), maskingKey: nil)
        ownReplies.append((after: requestsSent, frame: frame))
        sendOwnReplies()
        client.flush()
    }

    /// Never inside a reply that is passed on in pieces.
    func sendOwnReplies() {
        while !isStreamingReply, let first = ownReplies.first, first.after <= repliesSeen {
            ownReplies.removeFirst()
            sendToClient([first.frame])
        }
    }
}
