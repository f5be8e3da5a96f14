import JSONBytes
import Logging
import NIOCore
import OpenEnvWire
import RewardModel
import Scoring

/// One client connection with its connection to the environment: what comes in on one leg goes out on the other, byte for
/// byte, except for the replies that a rubric scores.
///
/// Confined to one event loop, on which both legs live. Decisions are made by the pure parts (``FrameWalker``,
/// ``MessageCollector``, `RequestFIFO`, ``HeldReplies``, `SessionScoring`); this class carries them out. The work is in
/// the extensions: FromClient, FromEnvironment, Scoring, Ending.
final class RelaySession {
    let id: SessionID
    let loop: any EventLoop
    let limits: GatewayLimits
    let shared: GatewayShared
    let logger: Logger
    /// `/ws`; on other routes nothing is looked into.
    let isEnvironmentSocket: Bool
    let environmentName: String
    /// The session on the environment that the client asked to be attached to.
    private let upstreamSession: String?
    /// nil: nothing is scored.
    var scoring: SessionScoring?

    private(set) var client: LegHandler!  // set by `start`, before any event can arrive
    private(set) var environment: LegHandler!  // likewise

    var fromClient: FrameWalker
    var fromEnvironment: FrameWalker
    /// What waits between the walker and `request`.
    var backlog = RequestBacklog()
    var request = MessageCollector()
    var reply = MessageCollector()
    /// The reply that comes in is passed on in pieces.
    var isStreamingReply = false
    /// There is no room for the step's reply that comes in; an error frame takes its place.
    var isDroppingReply = false
    var isDrainingClient = false
    var requests = RequestFIFO<PendingRequest>()
    /// Bytes that `requests` keeps.
    var requestBytes = 0
    var held = HeldReplies()
    var awaitingState: AwaitingState?
    /// Replies of the bridge itself, due after that many replies of the environment.
    var ownReplies: [(after: Int, frame: ByteBuffer)] = []
    var requestsSent = 0
    var repliesSeen = 0
    var reserved = 0
    /// Why the steps of the session are not scored any more; replies pass untouched.
    var unscored: Outcome?
    /// Requests and replies are no longer paired up.
    var isDesynchronised = false
    var deadlineTimer: Scheduled<Void>?

    var ending = Ending()

    init(
        id: SessionID,
        route: RouteTable.Match,
        loop: any EventLoop,
        shared: GatewayShared
    ) {
        self.id = id
        self.loop = loop
        self.shared = shared
        self.limits = shared.limits
        self.upstreamSession = route.value(of: "session_id")
        self.environmentName = route.environment.name
        self.isEnvironmentSocket = route.isEnvironmentSocket
        var logger = shared.logger
        logger[metadataKey: "session"] = "\(id)"
        self.logger = logger
        fromClient = FrameWalker(role: .fromClient, maxMessageBytes: shared.limits.requestMax)
        fromEnvironment = FrameWalker(role: .fromServer, maxMessageBytes: shared.limits.replyMax)
    }

    /// Makes the legs that the two pipelines end in, and starts scoring.
    func start(name: String?, attachment: Attachment?) -> (client: LegHandler, environment: LegHandler) {
        let client = LegHandler(side: .client, session: self)
        let environment = LegHandler(side: .environment, session: self)
        self.client = client
        self.environment = environment
        if isEnvironmentSocket, let attachment {
            scoring = SessionScoring(
                session: id,
                name: name,
                attachment: attachment,
                journal: shared.journal,
                events: LoopEvents(loop: loop, session: self),
                at: shared.now()
            )
        }
        if let upstreamSession { scoring?.upstreamSessionSeen(upstreamSession) }
        if isEnvironmentSocket, attachment == nil { recordUnscored(name: name, of: environmentName) }
        shared.opened(self)
        return (client, environment)
    }

    private func recordUnscored(name: String?, of environment: String) {
        let row = SessionRow(
            session: id,
            environment: environment,
            name: name,
            upstreamSession: upstreamSession,
            startedAt: shared.now().milliseconds
        )
        shared.journal.record([.session(row)])
    }

    // MARK: - Events of the legs

    func received(_ bytes: ByteBuffer, from side: LegHandler.Side) {
        guard !ending.dropsFrames else { return }
        switch side {
        case .client where ending.environmentIsGone: break
        case .client:
            fromClient.append(bytes)
            drainClient()
        case .environment:
            fromEnvironment.append(bytes)
            drainEnvironment()
        }
    }

    func readCompleted(from side: LegHandler.Side) {
        switch side {
        case .client: environment.flush()
        case .environment: client.flush()
        }
    }

    /// The client is read while its requests may be forwarded or wait, and while it takes what comes back; the environment
    /// is read whenever the client takes what comes, whatever the scorers do.
    func adjustReading() {
        guard !ending.dropsFrames else { return }
        let wantsRequests = environment.isWritable && client.isWritable && (takesRequests || readsAhead)
        client.setReading(ending.environmentIsGone || wantsRequests)
        environment.setReading(client.isWritable || !client.isActive)
    }

    var takesRequests: Bool {
        // A closing handshake that is under way goes on while the bridge stops.
        let isDraining = ending.isDraining && !ending.isCloseSeen
        return requests.count + held.count + ownReplies.count < limits.inFlight && !isDraining
    }

    /// Whether more of what may not be forwarded yet is read, for the sake of pings and pongs: as much as one message may
    /// be. Only where messages are put together, so that a ping never comes into the middle of a frame.
    var readsAhead: Bool {
        isEnvironmentSocket && backlog.byteCount < limits.requestMax && !shared.budget.isExceeded
    }

    /// Sends frames to the client, behind those that are held.
    func sendToClient(_ frames: [ByteBuffer]) {
        guard held.isEmpty else {
            held.append(frames)
            if !keepBudget() { expireHeld(as: .overloaded) }
            return
        }
        for frame in frames { client.write(frame) }
    }

    /// Sends what is no longer held.
    func sendReleased() {
        while let frames = held.next() {
            for frame in frames { client.write(frame) }
        }
        keepBudget()
        resumeClient()
        adjustReading()
        if held.isEmpty, ending.isCloseSeen { startCloseTimer() }
        finishDrainIfIdle()
        finishIfEnvironmentEnded()
    }
}
