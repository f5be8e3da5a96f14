import Logging
import NIOCore
import OpenEnvWire
import RewardModel
import Scoring
import Synchronization

/// Holding replies for their scores.
extension RelaySession {
    /// Holds a step's reply until its score is there.
    func score(_ exchange: StepExchange, _ message: WireMessage, _ reply: StepReply) {
        guard let scoring else { return sendToClient(message.frames) }
        let (ticket, deadline, releases) = scoring.stepAnswered(exchange, at: shared.now())
        held.append(message, reply, awaiting: ticket, until: deadline)
        if !keepBudget() { apply(scoring.expire(ticket, as: .overloaded, at: shared.now())) }
        if let deadline { watch(deadline) }
        apply(releases)
    }

    func answered(_ answers: ComponentAnswers) {
        guard let scoring else { return }
        apply(scoring.receive(answers, at: shared.now()))
        client.flush()
        letGoOfScoring()
    }

    func synced(_ ticket: UInt64, _ result: Result<Void, BridgeError>) {
        guard let scoring else { return }
        apply(scoring.synced(ticket, result))
        client.flush()
        letGoOfScoring()
    }

    /// Answers are taken, and recorded, also after the end. With the last one the session is free.
    func letGoOfScoring() {
        if ending.isFinished, scoring?.isSettled == true { scoring = nil }
    }

    func apply(_ releases: [Release]) {
        for release in releases { held.release(release) }
        sendReleased()
    }

    func expireHeld(as kind: OutcomeKind) {
        guard let scoring else { return }
        for ticket in held.tickets { apply(scoring.expire(ticket, as: kind, at: shared.now())) }
    }

    /// Runtimes answer by the deadline; this is for one that does not. One timer serves all replies: steps come in order,
    /// and so, but for a change of policy between them, do their deadlines.
    private func watch(_ deadline: ContinuousClock.Instant) {
        guard deadlineTimer == nil else { return }
        let grace = Duration.milliseconds(500)
        let delay = TimeAmount(deadline - shared.now().instant + grace)
        deadlineTimer = loop.assumeIsolated().scheduleTask(in: delay) { [self] in deadlinePassed() }
    }

    private func deadlinePassed() {
        deadlineTimer = nil
        guard let scoring else { return }
        let now = shared.now()
        for (ticket, deadline) in held.deadlines {
            if deadline <= now.instant {
                apply(scoring.expire(ticket, at: now))
            } else {
                watch(deadline)
            }
        }
        client.flush()
    }

    /// Requests and replies no longer pair up: nothing is scored from here on, and nothing is touched.
    func desynchronised() {
        stateLost()
        isDesynchronised = true
        unscored = unscored ?? .failed(.desync)
        shared.counters.desynchronised.add(1, ordering: .relaxed)
        logger.warning("requests and replies no longer pair up; the session is relayed untouched")
        // The count of replies says nothing any more.
        repliesSeen = requestsSent
        requestBytes = 0
        for lost in requests.drain() {
            switch lost.context {
            case .step: apply(scoring?.stepUnscorable(.failed(.desync), at: shared.now()) ?? [])
            case .unscoredStep(let outcome): apply(scoring?.stepUnscorable(outcome, at: shared.now()) ?? [])
            case .reset, .state, .bridgeState, .other: break
            }
        }
    }

    /// Takes or gives back what the session holds of the common budget.
    /// - Returns: false when there is not enough of it.
    @discardableResult
    func keepBudget() -> Bool {
        let incoming = backlog.byteCount + request.byteCount + reply.byteCount
        let needed = incoming + requestBytes + held.byteCount + (awaitingState?.byteCount ?? 0)
        defer { reserved = needed }
        guard needed > reserved else {
            shared.budget.release(reserved - needed)
            return true
        }
        if shared.budget.reserve(needed - reserved) { return true }
        shared.budget.take(needed - reserved)
        return false
    }
}
