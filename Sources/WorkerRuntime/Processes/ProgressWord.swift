import Glibc
import RewardModel

/// Eight bytes that a worker writes and the bridge reads: the id of the score that runs. Still there when the worker has
/// gone.
///
/// A file in the worker's own folder, mapped by both: nothing has to be sent while calls are short, and the bridge knows
/// all the same which one a worker hangs in or died of.
final class ProgressWord {
    static let name = "progress"
    private static let size = MemoryLayout<UInt64>.size

    private let memory: UnsafeMutableRawPointer

    /// - Parameter folder: the worker's own.
    /// - Throws: ``BridgeError`` (`.system`).
    init(in folder: String) throws(BridgeError) {
        let file = open("\(folder)/\(Self.name)", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw BridgeError.systemCall("make a file in '\(folder)'") }
        // The mapping stays without the descriptor (mmap(2)).
        defer { close(file) }
        guard ftruncate(file, off_t(Self.size)) == 0,
            let memory = mmap(nil, Self.size, PROT_READ, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { throw BridgeError.systemCall("map a file in '\(folder)'") }
        self.memory = memory
    }

    deinit {
        munmap(memory, Self.size)
    }

    /// 0: none yet, or the worker does not tell. Whatever it is, it is the worker's word, to be looked up and no more.
    var score: UInt64 {
        // Aligned, so that a write is seen whole.
        memory.load(as: UInt64.self)
    }
}
