import AdapterSeam
import BridgeTesting
import JSONBytes
import RewardModel
import Scoring
import Synchronization

/// Keeps what would come from other threads.
final class HeldEvents: SessionEvents {
    private let state = Mutex<[(UInt64, Result<Void, BridgeError>)]>([])

    func answered(_ answers: ComponentAnswers) {}

    func synced(_ ticket: UInt64, _ result: Result<Void, BridgeError>) {
        state.withLock { $0.append((ticket, result)) }
    }

    var syncs: [(UInt64, Result<Void, BridgeError>)] { state.withLock { $0 } }
}

/// One session with everything around it in memory, and a clock that the test moves.
final class SessionFixture {
    let component: HeldComponent
    let journal = MemoryJournal()
    let events = HeldEvents()
    let scoring: SessionScoring
    private(set) var now = Moment(instant: .now, milliseconds: 1_000)

    init(
        _ description: ComponentDescription = .steps(),
        options: AttachmentOptions = AttachmentOptions(),
        view: RecordView = RecordView(),
        tasks: TaskTable? = nil,
        recording: Recording = .rewards,
        historyMax: Int = 1 << 20
    ) throws {
        component = HeldComponent(description)
        let binding = try RubricBinding(
            name: "tested",
            version: RubricVersion(digest: String(repeating: "a", count: 64)),
            component: component,
            options: options,
            view: view
        )
        scoring = SessionScoring(
            session: SessionID(high: 1, low: 2),
            name: nil,
            attachment: Attachment(
                environment: "env",
                active: binding,
                tasks: tasks,
                recording: recording,
                historyMax: historyMax
            ),
            journal: journal,
            events: events,
            at: now
        )
    }

    func pass(_ time: Duration) {
        now = Moment(instant: now.instant + time, milliseconds: now.milliseconds + Int64(time / .milliseconds(1)))
    }

    @discardableResult
    func reset(
        request: StaticString? = nil,
        key: ResetKeyContent? = nil,
        reply: StaticString = #"{"observation":{"prompt":"go"},"reward":null,"done":false}"#
    ) -> [Release] {
        let exchange = ResetExchange(request: request.map { RawJSON($0) }, key: key, reply: RawJSON(reply), state: nil)
        return scoring.resetAnswered(exchange, at: now)
    }

    /// One step; the deadline arithmetic starts from `requestedAgo` before now.
    func step(
        _ action: StaticString = #"{"message":"hi"}"#,
        observation: StaticString = #"{"text":"ok"}"#,
        done: Bool = false,
        isToolListing: Bool = false,
        requestedAgo: Duration = .zero
    ) -> (ticket: UInt64, deadline: ContinuousClock.Instant?, releases: [Release]) {
        let exchange = StepExchange(
            action: RawJSON(action),
            isToolListing: isToolListing,
            observation: RawJSON(observation),
            reward: RawJSON("0.25"),
            done: done,
            state: nil,
            requestedAt: now.instant - requestedAgo
        )
        return scoring.stepAnswered(exchange, at: now)
    }

    func answer(_ ticket: UInt64, _ outcome: Outcome) -> [Release] {
        answer(ticket, ComponentResult(outcome))
    }

    func answer(_ ticket: UInt64, _ result: ComponentResult) -> [Release] {
        scoring.receive(ComponentAnswers([ScoreAnswer(ticket: ticket, result: result)]), at: now)
    }
}
