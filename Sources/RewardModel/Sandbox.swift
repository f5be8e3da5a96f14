/// Whether a worker runs inside bubblewrap.
package enum Sandbox: String, Sendable, CaseIterable {
    /// Inside it where it is installed and works.
    case preferred
    /// Inside it, or not at all.
    case required
    case off
}
