package import RewardModel

/// What is to become a version: a rubric, and what else decides its numbers.
package struct VersionRequest: Sendable, Hashable {
    package var spec: RubricSpec
    /// Of the interpreter that runs the rubric, to the patch: `3.11.7`; nil where none does.
    package var pythonVersion: String?
    package var placement: Placement

    package init(spec: RubricSpec, pythonVersion: String?, placement: Placement) {
        self.spec = spec
        self.pythonVersion = pythonVersion
        self.placement = placement
    }
}
