import Synchronization

/// Bytes that all sessions together may hold. Safe from any thread.
final class MemoryBudget: Sendable {
    private let limit: Int
    private let used = Atomic<Int>(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: whether the bytes were taken; if so, give them back with ``release(_:)``.
    func reserve(_ count: Int) -> Bool {
        let (_, total) = used.add(count, ordering: .relaxed)
        guard total > limit else { return true }
        release(count)
        return false
    }

    /// Counts bytes that are held already, whether the limit allows them or not.
    func take(_ count: Int) {
        used.add(count, ordering: .relaxed)
    }

    func release(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
    }

    /// More is held than the limit allows.
    var isExceeded: Bool { bytesUsed > limit }

    var bytesUsed: Int { used.load(ordering: .relaxed) }
}
