/// A part of an `evalrec/1` record that a component can ask for.
package enum RecordField: String, Sendable, CaseIterable {
    /// `steps[].action`
    case action
    /// `steps[].observation`, with `reward` and `done` beside it
    case observation
    /// `prompt`
    case prompt
    /// The last sampled message's text
    case completion
    /// `messages`
    case messages
    /// `answer`
    case answer
    /// `steps[].state`
    case state
    /// All steps so far, not only the one that is scored
    case history
    /// The reset as step 0
    case reset
}
