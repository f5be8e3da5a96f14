/// One finding of a self-test: what was looked at, what was measured, what it means.
package struct Probe: Sendable, Hashable {
    package let name: Name
    package let verdict: Verdict
    /// What was measured; empty when nothing was.
    package let figure: String
    /// One line for people; of what was skipped, why.
    package let explanation: String

    package init(_ name: Name, _ verdict: Verdict, _ figure: String = "", _ explanation: String) {
        self.name = name
        self.verdict = verdict
        self.figure = figure
        self.explanation = explanation
    }

    static func skipped(_ name: Name, because reason: String) -> Probe {
        Probe(name, .skipped, "", reason)
    }

    /// In the order in which they are told.
    package enum Name: String, Sendable, CaseIterable {
        case load
        case outcomes
        case again
        case secondWorker = "second_worker"
        case secondThread = "second_thread"
        case range
        case oracle
        case floor
        case sensitivity
        case absent
        case time
        case placement
    }

    package enum Verdict: String, Sendable {
        case passed
        /// Something that was declared is not so.
        case failed
        /// Worth a look; nothing was declared.
        case noted
        /// Not looked at.
        case skipped

        /// Of what should be so, and fails only where it was declared.
        init(_ isSo: Bool, isDeclared: Bool) {
            self = isSo ? .passed : isDeclared ? .failed : .noted
        }
    }
}
