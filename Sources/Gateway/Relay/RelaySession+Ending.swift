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
    /// A close frame passed, or waits behind held replies.
    var isCloseSeen = false
    var clientEnded = false
    var environmentEnded = false
    var isScoringTold = false
    var timer: Scheduled<Void>?
}

/// Closing: close frames and ends of file are relayed like everything else, and the client's connection ends after the
/// environment's, because a server with one slot frees it only then.
extension RelaySession {
    func closeSeen(from side: LegHandler.Side) {
        ending.isCloseSeen = true
        tellScoring(side)
        if side == .client || held.isEmpty { startCloseTimer() }
    }

    func inputClosed(_ side: LegHandler.Side) {
        tellScoring(side)
        switch side {
        case .client:
            environment.closeOutput()
            startCloseTimer()
        case .environment:
            ending.environmentEnded = true
            finishIfEnvironmentEnded()
        }
    }

    func connectionEnded(_ side: LegHandler.Side) {
        tellScoring(side)
        switch side {
        case .client:
            ending.clientEnded = true
            environment.flush()
            environment.close()
        case .environment:
            ending.environmentEnded = true
            finishIfEnvironmentEnded()
        }
        if ending.clientEnded, ending.environmentEnded { finished() }
    }

    /// Once the environment is gone and nothing is held any more, so is the client's connection.
    func finishIfEnvironmentEnded() {
        guard ending.environmentEnded, held.isEmpty else { return }
        client.flush()
        client.close()
        environment.close()
    }

    /// A peer broke the protocol or a limit: both sides are told, the client behind the replies that it is owed.
    func violated(_ violation: WireViolation, by side: LegHandler.Side) {
        shared.counters.violations.add(1, ordering: .relaxed)
        logger.warning("closing: \(side == .client ? "client" : "environment") broke the protocol: \(violation.reason)")
        expireHeld(as: side == .client ? .cancelled : .transportPeerDrop)
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
        guard ending.isDraining, !ending.dropsFrames, requests.isEmpty, held.isEmpty, !isStreamingReply else { return }
        sendClose(client: .serviceRestart, environment: .serviceRestart, reason: "")
    }

    /// The time for draining is over.
    func abandon() {
        expireHeld(as: .shutdown)
        if !ending.dropsFrames { sendClose(client: .serviceRestart, environment: .serviceRestart, reason: "") }
        tellScoring(.environment, as: .bridgeRestart)
    }

    private func sendClose(client code: CloseCode, environment other: CloseCode, reason: String) {
        ending.dropsFrames = true
        tellScoring(.environment, as: ending.isDraining ? .bridgeRestart : .upstreamLost)
        client.write(FrameEncoder.close(code: code, reason: reason, maskingKey: nil))
        client.flush()
        let mask = UInt32.random(in: .min ... .max)
        environment.write(FrameEncoder.close(code: other, reason: reason, maskingKey: mask))
        environment.flush()
        client.setReading(true)
        environment.setReading(true)
        startCloseTimer()
    }

    // MARK: - The end

    func startCloseTimer() {
        guard ending.timer == nil else { return }
        ending.timer = loop.assumeIsolated().scheduleTask(in: TimeAmount(limits.closeTimeout)) { [self] in
            client.close()
            environment.close()
        }
    }

    /// Tells scoring once that the session is over; who ended it first decides what the open episode says.
    private func tellScoring(_ side: LegHandler.Side, as end: EpisodeEnd? = nil) {
        guard !ending.isScoringTold else {
            if side == .client { scoring?.clientGone() }
            return
        }
        ending.isScoringTold = true
        let end = end ?? (side == .client ? .disconnect : .upstreamLost)
        apply(scoring?.sessionEnded(end, at: shared.now()) ?? [])
    }

    private func finished() {
        ending.timer?.cancel()
        deadlineTimer?.cancel()
        if isEnvironmentSocket, scoring == nil {
            shared.journal.record([.sessionEnded(id, at: shared.now().milliseconds)])
        }
        shared.budget.release(reserved)
        reserved = 0
        shared.closed(self)
    }
}
