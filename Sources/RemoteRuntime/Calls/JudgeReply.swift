/// An answer, and how it came about.
struct JudgeReply: Sendable {
    var answer: JudgeAnswer
    /// Requests that were sent to the endpoint.
    var attempts = 0
    var isCached = false
    /// What is recorded of the call; nil where no judge was reached.
    var record: JudgeCallRecord?
}
