/// An error told to a person: what could not be done and why, and what to do about it.
///
/// Rendered as one line, and a `hint:` line below it. Branch on ``code``, never on the text. Payloads, gold answers and
/// secrets never go into the text.
package struct BridgeError: Error, Sendable, CustomStringConvertible {
    /// Where a failure belongs; the exit status and the log level follow from it.
    package enum Code: String, Sendable, CaseIterable {
        /// A setting, a rubric file or an argument is wrong.
        case configuration
        /// The environment cannot be reached or is not an OpenEnv server.
        case environment
        /// Python, a virtual environment or a library is missing or unfit.
        case python
        /// A rubric could not be loaded or described.
        case rubric
        /// A worker process could not be started or broke the protocol.
        case worker
        /// The ledger, the version store or another file could not be read or written.
        case storage
        /// The operating system refused something else.
        case system
    }

    package let code: Code
    /// "could not <verb> <object> '<value>': <reason>", lower case, no full stop.
    package let message: String
    /// A command or a setting that mends it.
    package let hint: String?
    package let cause: (any Error)?

    package init(_ code: Code, _ message: String, hint: String? = nil, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
        self.cause = cause
    }

    package var description: String {
        hint.map { "\(message)\nhint: \($0)" } ?? message
    }
}
