import Glibc

/// Held on a folder by the process that is making it. The kernel lets go of it when the process ends.
final class FolderLock: Sendable {
    private let descriptor: CInt

    /// nil: it is held elsewhere, or there is no such folder.
    init?(_ path: String) {
        // See man 2 open: O_CLOEXEC keeps the lock out of children.
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        // See man 2 flock.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }
}
