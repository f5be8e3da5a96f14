import Crypto
import RewardModel

/// The digest that names a version: SHA-256 over fields, each preceded by its length in bytes as a 64-bit big-endian
/// integer, so that no two lists of fields have the same text.
///
/// The fields in order: `rewardbridge-version/1`, the canonical tree, the digest of the adapters' code (empty for
/// none), the Python version (empty for none), the placement; then for each file, sorted by the bytes of its path: the path, `x` when it is executable and `-` when
/// not, the SHA-256 of its content in lower-case hexadecimal. The files' own folder, times, owners and sizes are not in
/// it.
enum VersionDigest {
    static func compute(
        tree: String,
        adapters: String?,
        pythonVersion: String?,
        placement: Placement,
        files: [VersionManifest.File]
    ) -> String {
        var hash = SHA256()
        for field in ["rewardbridge-version/1", tree, adapters ?? "", pythonVersion ?? "", placement.rawValue] {
            hash.update(field: field)
        }
        hash.update(files)
        return hash.finalize().hexadecimal
    }

    /// The digest of a folder's files alone.
    static func compute(files: [VersionManifest.File]) -> String {
        var hash = SHA256()
        hash.update(files)
        return hash.finalize().hexadecimal
    }

    static func compute(_ manifest: VersionManifest) -> String {
        compute(
            tree: manifest.tree,
            adapters: manifest.adapters,
            pythonVersion: manifest.pythonVersion,
            placement: manifest.placement,
            files: manifest.files
        )
    }
}

extension SHA256 {
    fileprivate mutating func update(_ files: [VersionManifest.File]) {
        for file in files.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) {
            update(field: file.path)
            update(field: file.isExecutable ? "x" : "-")
            update(field: file.sha256)
        }
    }

    fileprivate mutating func update(field: String) {
        let bytes = Array(field.utf8)
        update(data: withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { Array($0) })
        update(data: bytes)
    }
}

extension SHA256Digest {
    var hexadecimal: String {
        map { $0 < 0x10 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}
