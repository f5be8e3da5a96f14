package import JSONBytes

/// A rubric version that served, as the ledger keeps it.
package struct VersionRow: Sendable, Hashable {
    package var version: RubricVersion
    package var rubric: String
    /// The canonical tree.
    package var tree: RawJSON
    /// Whether it has parts, such as a judge, that may change under the same digest.
    package var mutable: Bool
    /// Milliseconds since 1970-01-01T00:00Z.
    package var createdAt: Int64

    package init(version: RubricVersion, rubric: String, tree: RawJSON, mutable: Bool = false, createdAt: Int64) {
        self.version = version
        self.rubric = rubric
        self.tree = tree
        self.mutable = mutable
        self.createdAt = createdAt
    }
}
