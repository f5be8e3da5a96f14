import Dispatch
import Glibc
import RewardModel
import Synchronization

/// The database's `-wal` file, as far as it must reach the disk.
///
/// With `synchronous = NORMAL` SQLite syncs the log before a checkpoint and the database after it, so that neither a
/// crash of the process nor of the system corrupts anything; what `FULL` adds is one sync of the log after each commit
/// (https://sqlite.org/pragma.html#pragma_synchronous). ``sync(orRestart:)`` is that sync, made for many commits at
/// once (https://sqlite.org/forum/forumpost/d1a6bc7c4cd2baca). A descriptor of its own is safe: SQLite's locks, which
/// closing one would drop, are on the other files.
final class WriteAheadLog: Sendable {
    let descriptor: CInt
    private let path: String
    private let state = Mutex(State())

    /// Commits that nobody waits for are synced so long after the first of them, or earlier.
    private static let delayMax = DispatchTimeInterval.seconds(1)

    private struct State {
        /// When the first commit was made that is not synced.
        var behindSince: DispatchTime?
        /// Whether a sync of the log means that all of it is on disk.
        var isSound = true
    }

    /// - Parameter database: the database's path; it must be open in WAL mode, and stay open as long as this is used,
    ///   because SQLite removes the log with its last connection.
    /// - Throws: ``BridgeError`` (`.storage`) when the log cannot be opened.
    init(of database: String) throws {
        path = database + "-wal"
        descriptor = open(path, O_RDWR | O_CLOEXEC)
        if descriptor < 0 { throw Self.error("open", path) }
    }

    deinit {
        close(descriptor)
    }

    /// There is a commit that was not synced.
    func fallBehind() {
        state.withLock { if $0.behindSince == nil { $0.behindSince = .now() } }
    }

    /// - Parameter isIdle: whether nothing waits to be committed.
    func isDue(isIdle: Bool, at now: DispatchTime = .now()) -> Bool {
        state.withLock { $0.behindSince.map { isIdle || $0 + Self.delayMax <= now } ?? false }
    }

    /// Returns when every commit before is on disk.
    ///
    /// - Parameter restart: copies the log into the database, and syncs that. It takes the place of a sync after one
    ///   that failed: the kernel may then hold pages for written that are not (man 2 fsync, NOTES).
    /// - Throws: ``BridgeError`` (`.storage`), and what `restart` throws.
    func sync(orRestart restart: () throws -> Void) throws {
        try state.withLock { state in
            guard state.behindSince != nil else { return }
            if state.isSound {
                // See man 2 fdatasync: it writes the file's length too.
                state.isSound = fdatasync(descriptor) == 0
                guard state.isSound else { throw Self.error("sync", path) }
            } else {
                try restart()
                state.isSound = true
            }
            state.behindSince = nil
        }
    }

    private static func error(_ verb: String, _ path: String) -> BridgeError {
        BridgeError(.storage, "could not \(verb) '\(path)': \(String(cString: strerror(errno)))")
    }
}
