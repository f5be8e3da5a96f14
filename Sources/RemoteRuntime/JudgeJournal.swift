/// Is told of every call that reached a judge, once, when it has ended.
package protocol JudgeJournal: Sendable {
    /// Called on any thread, from several at a time; must not block.
    func record(_ call: JudgeCallRecord)
}

/// What one call to a judge was: nothing of it is a prompt, an answer or a secret.
package struct JudgeCallRecord: Sendable, Hashable {
    /// Tokens as the answer counts them.
    package struct Usage: Sendable, Hashable {
        package var input: Int?
        package var output: Int?
        package var total: Int?
    }

    package var judge: String
    /// Behind the base URL, such as `/chat/completions`.
    package var route: String
    /// The SHA-256, in hexadecimal digits, of what was asked: `messages`, `prompt` or `input`, without white space.
    package var promptHash: String?
    package var model: String?
    package var seed: Int?
    package var temperature: Double?
    /// What the rubric was answered; nil when it went away first, or the gate was stopped.
    package var status: Int?
    /// Requests that were sent to the endpoint.
    package var attempts: Int
    package var isCached: Bool
    /// From the request's arrival to its answer.
    package var duration: Duration
    /// Spent by this call: nil when the answer does not say so, or comes from the cache.
    package var usage: Usage?
    /// In the endpoint's own unit, spent by this call.
    package var cost: Double?
}
