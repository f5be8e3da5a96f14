import Crypto
import Foundation
import RewardModel

extension VersionStore {
    /// The digest of a package's code: every file below the folder but hidden ones and byte code.
    ///
    /// - Throws: ``BridgeError`` (`.rubric`) when the folder cannot be read or is over the limits.
    package func digest(ofPackage folder: String) throws -> String {
        var collection = try FileCollection(root: folder, limits: limits)
        try collection.add(pattern: "")
        let files = try collection.entries.map { entry in
            let path = "\(collection.root)/\(entry.path)"
            guard let content = FileManager.default.contents(atPath: path) else {
                throw BridgeError(.storage, "could not read '\(path)'")
            }
            return VersionManifest.File(
                path: entry.path,
                isExecutable: entry.isExecutable,
                sha256: SHA256.hash(data: content).hexadecimal,
                size: entry.size
            )
        }
        return VersionDigest.compute(files: files)
    }
}
