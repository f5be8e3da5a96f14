/// An installed Python distribution, as recorded with a version.
package struct Distribution: Sendable, Hashable, Codable {
    package var name: String
    package var version: String
    /// SHA-256 of its `RECORD` file; nil where the installer wrote none (editable installs).
    package var recordSHA256: String?

    package init(name: String, version: String, recordSHA256: String?) {
        self.name = name
        self.version = version
        self.recordSHA256 = recordSHA256
    }
}
