import CSpawn
import Glibc
import RewardModel
import Synchronization

/// An open file descriptor that is closed with its last reference, unless it was given away.
package final class Descriptor: Sendable {
    private let number: Mutex<Int32>

    /// Takes ownership of an open descriptor.
    package init(owning number: Int32) {
        self.number = Mutex(number)
    }

    deinit {
        closeNow()
    }

    /// Closes it before its last reference goes.
    package func closeNow() {
        let number = give()
        if number >= 0 { close(number) }
    }

    /// The descriptor, for as long as this object lives; -1 once it was given away.
    package var borrowed: Int32 { number.withLock { $0 } }

    /// The descriptor, which the caller closes from now on; -1 the second time.
    package func give() -> Int32 {
        number.withLock { number in
            defer { number = -1 }
            return number
        }
    }

    /// Two ends of a stream socket, both close-on-exec.
    /// - Throws: ``BridgeError`` (`.system`).
    static func socketPair() throws(BridgeError) -> (Descriptor, Descriptor) {
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw BridgeError.systemCall("make a socket pair") }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }

    /// Both ends of a pipe, close-on-exec.
    /// - Throws: ``BridgeError`` (`.system`).
    static func pipe() throws(BridgeError) -> (reading: Descriptor, writing: Descriptor) {
        var ends: [Int32] = [-1, -1]
        guard cspawn_pipe(&ends) == 0 else { throw BridgeError.systemCall("make a pipe") }
        return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
    }
}

extension BridgeError {
    /// The error of the system call that failed last on this thread.
    static func systemCall(_ action: String, errno number: Int32 = errno) -> BridgeError {
        BridgeError(.system, "could not \(action): \(String(cString: strerror(number)))")
    }
}
