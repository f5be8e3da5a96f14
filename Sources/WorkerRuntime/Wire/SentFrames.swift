import DequeModule

/// The frames that a worker may yet report as unreadable.
///
/// A worker reads frames in order and reports an unreadable one before it answers a later one, so an answer settles its
/// own frame and all before it.
struct SentFrames {
    private struct Frame {
        let number: Int
        let messages: [WorkerMessage]
        /// Of its scores, which carry rising ids.
        let ids: ClosedRange<UInt64>?
    }

    private var frames: Deque<Frame> = []
    private var sent = 0

    mutating func append(_ messages: [WorkerMessage]) {
        sent += 1
        let ids = messages.compactMap(\.scoreID)
        let range = ids.first.flatMap { first in ids.last.map { first...$0 } }
        frames.append(Frame(number: sent, messages: messages, ids: range))
    }

    mutating func answered(_ id: UInt64) {
        guard let index = frames.firstIndex(where: { $0.ids?.contains(id) ?? false }) else { return }
        frames.removeFirst(index + 1)
    }

    /// Takes the messages of an unreadable frame out; nil: no such frame is open.
    mutating func take(_ number: Int) -> [WorkerMessage]? {
        guard let index = frames.firstIndex(where: { $0.number == number }) else { return nil }
        return frames.remove(at: index).messages
    }
}
