import Glibc
import RewardModel

/// An exclusive lock on a file, held until the value is released. The kernel lets go of it when the process ends.
final class FileLock: Sendable {
    private let descriptor: CInt

    /// Makes the file if need be, and writes the process's id into it, for whoever finds it locked.
    ///
    /// - Throws: ``BridgeError`` (`.storage`) when another process or another value holds it.
    init(_ path: String, for object: String, hint: String) throws {
        // See man 2 open: O_CLOEXEC keeps the lock out of children.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BridgeError(.storage, "could not open lock '\(path)': \(String(cString: strerror(errno)))")
        }
        // See man 2 flock.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let reason = errno
            let owner = Self.owner(descriptor)
            close(descriptor)
            throw BridgeError(
                .storage,
                reason == EWOULDBLOCK
                    ? "could not lock \(object): process \(owner) uses it"
                    : "could not lock \(object): \(String(cString: strerror(reason)))",
                hint: hint
            )
        }
        self.descriptor = descriptor
        let id = "\(getpid())\n"
        // The id is for people; without it the lock holds all the same.
        _ = ftruncate(descriptor, 0)
        _ = pwrite(descriptor, id, id.utf8.count, 0)
    }

    deinit {
        close(descriptor)
    }

    private static func owner(_ descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
        return digits.isEmpty ? "of an unknown id" : String(decoding: digits, as: UTF8.self)
    }
}
