package import RewardModel

/// What is to become a version: a rubric, and what else decides its numbers.
package struct VersionRequest: Sendable, Hashable {
    package var spec: RubricSpec
    /// ``VersionStore/digest(ofPackage:)`` of the adapters' own code; nil where none runs.
    package var adapters: String?
    /// Of the interpreter that runs the rubric, to the patch: `3.11.7`; nil where none does.
    package var pythonVersion: String?
    package var placement: Placement

    package init(spec: RubricSpec, adapters: String?, pythonVersion: String?, placement: Placement) {
        self.spec = spec
        self.adapters = adapters
        self.pythonVersion = pythonVersion
        self.placement = placement
    }
}
