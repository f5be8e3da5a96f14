/// Counts of a pool since it was loaded, and its state now.
package struct WorkerStatistics: Sendable, Hashable {
    /// Processes that were asked for.
    package var starts = 0
    /// Processes that ended, or were ended, other than by retirement.
    package var failures = 0
    /// Of those, processes that the pool killed.
    package var kills = 0
    /// Calls that were sent to a second worker.
    package var moves = 0
    /// Records that were played again to rebuild an episode.
    package var replays = 0
    /// Answers that came after their call was answered or moved.
    package var lateAnswers = 0
    /// Second answers, and answers to ids that were never given.
    package var unknownAnswers = 0
    /// Bytes of standard output and error beyond the limit.
    package var outputDropped = 0

    /// Workers that can take calls.
    package var ready = 0
    /// Calls that wait for a worker.
    package var waiting = 0
    /// Calls at workers, other than replays.
    package var running = 0

    package init() {}
}
