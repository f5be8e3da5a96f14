/// How much a version may hold. The defaults are BridgeConfig's.
package struct VersionLimits: Sendable, Hashable {
    package var filesMax: Int
    package var bytesMax: Int

    package init(filesMax: Int, bytesMax: Int) {
        self.filesMax = filesMax
        self.bytesMax = bytesMax
    }
}
