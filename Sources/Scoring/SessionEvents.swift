package import AdapterSeam
package import RewardModel

/// What reaches a session from other threads. Its owner brings each call to the session's own thread and passes it on to
/// ``SessionScoring``, never at once: a call may come while the session is in the middle of asking.
package protocol SessionEvents: Sendable {
    /// Components answered; for ``SessionScoring/receive(_:at:)``.
    func answered(_ answers: ComponentAnswers)

    /// Rows that a reply waits for are on disk, or could not be written; for ``SessionScoring/synced(_:_:)``.
    func synced(_ ticket: UInt64, _ result: Result<Void, BridgeError>)
}

/// Answers of components, for the session that asked.
package struct ComponentAnswers: Sendable {
    let answers: [ScoreAnswer]

    package init(_ answers: [ScoreAnswer]) {
        self.answers = answers
    }
}

/// A session's end of the seam.
struct SessionSink: ScoreSink {
    let events: any SessionEvents

    func receive(_ answers: [ScoreAnswer]) {
        events.answered(ComponentAnswers(answers))
    }
}
