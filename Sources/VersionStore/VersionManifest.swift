package import RewardModel

/// A stored version, as `version.json` tells it. Never changed once it is there.
package struct VersionManifest: Sendable, Hashable, Codable {
    /// The format's name.
    package var schema = "rewardbridge-version/1"
    package var digest: String
    /// The rubric's name, for people.
    package var rubric: String
    /// The canonical text of the rubric's tree.
    package var tree: String
    /// `adapter:target` of each component, in the tree's order.
    package var components: [String]
    /// The digest of the adapters' own code; nil where none runs.
    package var adapters: String?
    package var pythonVersion: String?
    package var placement: Placement
    /// By path.
    package var files: [File]
    /// Milliseconds since 1970-01-01T00:00Z. Not part of the digest.
    package var createdAt: Int64

    package var version: RubricVersion { RubricVersion(digest: digest) }

    package struct File: Sendable, Hashable, Codable {
        /// Relative to the version's root, with slashes.
        package var path: String
        package var isExecutable: Bool
        /// Lower-case hexadecimal.
        package var sha256: String
        package var size: Int

        enum CodingKeys: String, CodingKey {
            case path
            case isExecutable = "executable"
            case sha256
            case size
        }
    }

    enum CodingKeys: String, CodingKey {
        case schema
        case digest
        case rubric
        case tree
        case components
        case adapters
        case pythonVersion = "python_version"
        case placement
        case files
        case createdAt = "created_at"
    }
}
