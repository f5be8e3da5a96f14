import NIOCore
import RewardModel
import Scoring

/// Brings answers from other threads to the session's event loop.
///
/// Always by `execute`, also when it is called on that loop: an answer must not come in while the session is in the
/// middle of asking.
final class LoopEvents: SessionEvents {
    private let loop: any EventLoop
    private let session: NIOLoopBound<RelaySession>

    init(loop: any EventLoop, session: RelaySession) {
        self.loop = loop
        self.session = NIOLoopBound(session, eventLoop: loop)
    }

    func answered(_ answers: ComponentAnswers) {
        loop.execute { self.session.value.answered(answers) }
    }

    func synced(_ ticket: UInt64, _ result: Result<Void, BridgeError>) {
        loop.execute { self.session.value.synced(ticket, result) }
    }
}
