import Foundation
import Glibc
import RewardModel

/// Makes the place of a ledger.
enum LedgerFiles {
    /// Gold answers may be in it: nobody else reads it. SQLite gives its other files the mode of the first; what goes
    /// wrong here goes wrong again, with words, when it opens the file.
    static func makePrivate(_ path: String) {
        let descriptor = Glibc.open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        if descriptor >= 0 { Glibc.close(descriptor) }
    }

    /// - Throws: ``BridgeError`` (`.storage`).
    static func makeFolder(of path: String) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw BridgeError(
                .storage,
                "could not make folder '\(folder)' for the ledger: \(error.localizedDescription)",
                hint: "set ledger.path or state to a place that can be written",
                cause: error
            )
        }
    }
}
