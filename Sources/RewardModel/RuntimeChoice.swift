/// Where a rubric of this host runs.
package enum RuntimeChoice: String, Sendable, CaseIterable {
    /// In supervised processes.
    case worker
    /// In the bridge's own interpreter, for rubrics that declare themselves bounded.
    case embedded

    package var placement: Placement {
        switch self {
        case .worker: .worker
        case .embedded: .embedded
        }
    }
}
