import Crypto
import Foundation
package import RewardModel

extension VersionStore {
    /// Reads the whole copy again and compares it with the digest.
    ///
    /// - Throws: ``BridgeError`` (`.storage`) that names the first file that is not what it was.
    package func verify(_ version: RubricVersion) throws {
        let manifest = try show(version)
        guard manifest.digest == version.digest, VersionDigest.compute(manifest) == version.digest else {
            throw Self.changed(version, "version.json", "its digest is another one")
        }
        let root = root(of: version)
        try refuseStrangers(in: root, besides: Set(manifest.files.map(\.path)), version)
        for file in manifest.files {
            let path = "\(root)/\(file.path)"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Self.changed(version, file.path, "it is gone")
            }
            guard SHA256.hash(data: data).hexadecimal == file.sha256 else {
                throw Self.changed(version, file.path, "its content is another one")
            }
            guard FileManager.default.isExecutableFile(atPath: path) == file.isExecutable else {
                throw Self.changed(version, file.path, "its mode is another one")
            }
        }
    }

    private func refuseStrangers(in root: String, besides known: Set<String>, _ version: RubricVersion) throws {
        let enumerator = FileManager.default.enumerator(atPath: root)
        while let name = enumerator?.nextObject() as? String {
            let isFolder = enumerator?.fileAttributes?[.type] as? FileAttributeType == .typeDirectory
            guard isFolder || known.contains(name) else { throw Self.changed(version, name, "it was added") }
        }
    }

    private static func changed(_ version: RubricVersion, _ file: String, _ reason: String) -> BridgeError {
        BridgeError(
            .storage,
            "could not verify version '\(version.short)': file '\(file)' changed, \(reason)",
            hint: "remove the version's folder and attach the rubric anew"
        )
    }
}
