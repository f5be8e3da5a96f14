/// A rubric as it was written: a tree of components, and the folder that its relative paths start from.
package struct RubricSpec: Sendable, Hashable {
    package var tree: RubricNode
    /// An absolute path.
    package var folder: String

    package init(tree: RubricNode, folder: String) {
        self.tree = tree
        self.folder = folder
    }

    package var name: String { tree.name }

    /// The tree without what differs between machines (`folder`, `python`), and without settings that have their
    /// default.
    package var canonical: CanonicalJSON { tree.canonical }

    package var components: [RubricComponent] { tree.components }
}
