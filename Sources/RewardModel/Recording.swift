/// How much of the traffic the ledger keeps.
package enum Recording: String, Sendable, CaseIterable {
    /// Nothing.
    case off
    /// Sessions, episodes and outcomes.
    case rewards
    /// These, and each step's action and observation.
    case full
}
