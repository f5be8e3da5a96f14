import Logging
import NIOCore
import OpenEnvWire
import RewardModel
import Scoring
import Synchronization

/// How far a session is on its way out.
struct Ending {
    /// The bridge stops: no further requests are taken, replies still flow.
    var isDraining = false
    /// The bridge sent close frames of its own; whatever comes after them is of no interest.
    var dropsFrames = false
    /// The client's close frame passed.
    var isClientCloseSeen = false
    /// The environment's passed, or waits behind held replies.
    var isEnvironmentCloseSeen = false
    /// The client sent its end of file.
    var clientInputEnded = false
    var clientIsGone = false
    /// The environment sent its end of file, or is gone.
    var environmentEnded = false
    var environmentIsGone = false
    /// Both connections are gone.
    var isFinished = false
    /// The client sent the message `close`, upon which the environment closes first.
    var isCloseAsked = false
    var isScoringTold = false
    var timer: Scheduled<Void>?

    var isCloseSeen: Bool { isClientCloseSeen || isEnvironmentCloseSeen }
}

/// Closing: close frames and ends of file are relayed like everything else, and the client's connection ends after the
/// environment's, because a server with one slot frees it only then.
extension RelaySession {
    func closeSeen(from side: LegHandler.Side) {
        switch side {
        case .client: ending.isClientCloseSeen = true
        case .environment: ending.isEnvironmentCloseSeen = true
        }
        tellScoring(side)
        if side == .client || held.isEmpty { startCloseTimer() }
    }

    func inputClosed(_ side: LegHandler.Side) {
        switch side {
        case .client:
            tellScoring(.client)
            ending.clientInputEnded = true
            passOnClientsEnd()
            startCloseTimer()
        case .environment:
            environmentEnded()
        }
    }

    func connectionEnded(_ side: LegHandler.Side) {
        switch side {
        case .client:
            tellScoring(.client)
            ending.clientIsGone = true
            environment.closeOutput()
            startCloseTimer()
        case .environment:
            ending.environmentIsGone = true
            environmentEnded()
            adjustReading()
        }
        if ending.clientIsGone, ending.environmentIsGone { finished() }
    }

    /// The end of what the client sends goes on behind the requests that were before it.
    func passOnClientsEnd() {
        guard ending.clientInputEnded, takesRequests || ending.dropsFrames else { return }
        environment.closeOutput()
    }

    private func environmentEnded() {
        stateLost()
        tellScoring(.environment)
        ending.environmentEnded = true
        finishIfEnvironmentEnded()
    }

    /// Once the environment has ended and nothing is held any more, the client is sent an end of file. Its connection ends
    /// with its own: closed before, it would be reset for what the client still sends, and with it what it has not read.
    func finishIfEnvironmentEnded() {
        guard ending.environmentEnded, held.isEmpty else { return }
        client.closeOutput()
        startCloseTimer()
    }

    /// A peer broke the protocol or a limit: both sides are told, the client behind the replies that it is owed.
    func violated(_ violation: WireViolation, by side: LegHandler.Side) {
        shared.counters.violations.add(1, ordering: .relaxed)
        logger.warning("closing: \(side == .client ? "client" : "environment") broke the protocol: \(violation.reason)")
        stateLost()
        expireHeld(as: side == .client ? .cancelled : .transportPeerDrop)
        tellScoring(side)
        let other: CloseCode = side == .client ? .goingAway : .internalError
        let isSize = violation.closeCode == .messageTooBig
        sendClose(
            client: side == .client || isSize ? violation.closeCode : other,
            environment: side == .environment || isSize ? violation.closeCode : other,
            reason: violation.reason
        )
    }

    func overBudget() {
        logger.warning("closing: the memory budget over all sessions is used up")
        stateLost()
        sendClose(client: .tryAgainLater, environment: .goingAway, reason: "memory budget used up")
    }

    // MARK: - Stopping the bridge

    /// Takes no further requests; when the last reply is out, says 1012 to both sides.
    func drain() {
        guard !ending.isDraining else { return }
        ending.isDraining = true
        adjustReading()
        finishDrainIfIdle()
    }

    func finishDrainIfIdle() {
        guard ending.isDraining, !ending.isCloseSeen, requests.isEmpty, held.isEmpty, !isStreamingReply else { return }
        sendClose(client: .serviceRestart, environment: .serviceRestart, reason: "")
    }

    /// The time for draining is over.
    func abandon() {
        stateLost()
        expireHeld(as: .shutdown)
        sendClose(client: .serviceRestart, environment: .serviceRestart, reason: "")
        tellScoring(.environment, as: .bridgeRestart)
    }

    /// Sends close frames to both sides, except where the other side's own has passed: nothing may follow that (RFC 6455
    /// section 5.5.1). Where a frame is passed on in pieces and not whole, the end of file alone says that it is over.
    private func sendClose(client code: CloseCode, environment other: CloseCode, reason: String) {
        guard !ending.dropsFrames else { return }
        ending.dropsFrames = true
        tellScoring(.environment, as: ending.isDraining ? .bridgeRestart : .upstreamLost)
        if isStreamingReply, fromEnvironment.isInsideFrame {
            client.closeOutput()
        } else if !ending.isEnvironmentCloseSeen {
            sendToClient([FrameEncoder.close(code: code, reason: reason, maskingKey: nil)])
            client.flush()
        }
        if !isEnvironmentSocket, fromClient.isInsideFrame {
            environment.closeOutput()
        } else if !ending.isClientCloseSeen {
            let mask = UInt32.random(in: .min ... .max)
            environment.write(FrameEncoder.close(code: other, reason: reason, maskingKey: mask))
            environment.flush()
        }
        client.setReading(true)
        environment.setReading(true)
        passOnClientsEnd()
        startCloseTimer()
    }

    // MARK: - The end

    func startCloseTimer() {
        guard ending.timer == nil, !ending.isFinished else { return }
        ending.timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(limits.closeTimeout)) { [self] in
            environment.close()
            client.close()
        }
    }

    /// Tells scoring once that the session is over; who ended it first decides what the open episode says.
    private func tellScoring(_ side: LegHandler.Side, as end: EpisodeEnd? = nil) {
        guard !ending.isScoringTold else {
            if side == .client { scoring?.clientGone() }
            return
        }
        ending.isScoringTold = true
        if side == .client { scoring?.clientGone() }
        let end = end ?? (side == .client || ending.isCloseAsked ? .disconnect : .upstreamLost)
        apply(scoring?.sessionEnded(end, at: shared.now()) ?? [])
    }

    private func finished() {
        guard !ending.isFinished else { return }
        ending.isFinished = true
        ending.dropsFrames = true
        ending.timer?.cancel()
        ending.timer = nil
        deadlineTimer?.cancel()
        deadlineTimer = nil
        if isEnvironmentSocket, scoring == nil {
            shared.journal.record([.sessionEnded(id, at: shared.now().milliseconds)])
        }
        backlog = RequestBacklog()
        request = MessageCollector()
        reply = MessageCollector()
        requestBytes = 0
        held = HeldReplies()
        keepBudget()
        shared.closed(self)
        client.leaveSession()
        environment.leaveSession()
        letGoOfScoring()
    }
}
