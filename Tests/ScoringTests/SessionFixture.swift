import AdapterSeam
import JSONBytes
import RewardModel
import Scoring
import Synchronization

/// A component whose answers the test gives by hand: it keeps the calls that it got.
final class HeldComponent: LoadedComponent {
    let description: ComponentDescription
    private let state = Mutex<(calls: [ScoreCall], events: [String])>(([], []))

    init(_ description: ComponentDescription) {
        self.description = description
    }

    /// The calls so far.
    var calls: [ScoreCall] { state.withLock { $0.calls } }
    /// `open 1`, `score 1`, `close 1`: by episode number, in order.
    var events: [String] { state.withLock { $0.events } }

    func open(_ episode: EpisodeKey) {
        state.withLock { $0.events.append("open \(episode.number)") }
    }

    func score(_ calls: [ScoreCall], into sink: any ScoreSink) {
        state.withLock { state in
            state.calls += calls
            state.events += calls.map { "score \($0.episode.number)" }
        }
    }

    func close(_ episode: EpisodeKey) {
        state.withLock { $0.events.append("close \(episode.number)") }
    }

    func retire() async {}
}

/// A journal in memory.
final class MemoryJournal: OutcomeJournal {
    private let state = Mutex<(entries: [JournalEntry], syncs: [@Sendable (Result<Void, BridgeError>) -> Void])>(
        ([], [])
    )

    func record(_ entries: [JournalEntry]) {
        state.withLock { $0.entries += entries }
    }

    func sync(_ entries: [JournalEntry], then: @escaping @Sendable (Result<Void, BridgeError>) -> Void) {
        state.withLock { state in
            state.entries += entries
            state.syncs.append(then)
        }
    }

    func flush() async {}
    var health: JournalHealth { JournalHealth() }

    /// Lets waiting syncs end.
    func finishSyncs(_ result: Result<Void, BridgeError>) {
        for then in state.withLock({ state in
            defer { state.syncs = [] }; return state.syncs
        }) { then(result) }
    }

    var outcomes: [OutcomeRow] {
        state.withLock { $0.entries }.compactMap { if case .outcome(let row) = $0 { row } else { nil } }
    }

    /// The last row of each episode.
    var episodes: [Int: EpisodeRow] {
        var rows: [Int: EpisodeRow] = [:]
        for case .episode(let row) in state.withLock({ $0.entries }) { rows[row.key.number] = row }
        return rows
    }

    var steps: [StepRow] {
        state.withLock { $0.entries }.compactMap { if case .step(let row) = $0 { row } else { nil } }
    }
}

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
        scoring.receive(ComponentAnswers([ScoreAnswer(ticket: ticket, result: ComponentResult(outcome))]), at: now)
    }
}

extension ComponentDescription {
    static func steps(stateful: Bool = false) -> ComponentDescription {
        ComponentDescription(
            unit: .step,
            needs: [.action, .observation],
            isStateful: stateful,
            library: Library(name: "python", version: "3.11.7")
        )
    }

    static func episodes(prefix: Bool = false) -> ComponentDescription {
        ComponentDescription(
            unit: .episode,
            needs: [.action, .observation],
            scoresPrefixes: prefix,
            library: Library(name: "python", version: "3.11.7")
        )
    }
}
