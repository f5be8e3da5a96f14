/// How long a call waits after an attempt that failed, and when it gives up. Pure.
struct RetrySchedule: Sendable {
    /// The first one included.
    let attempts: Int
    /// After the first attempt; doubled after each further one, up to the most.
    let first: Duration
    let most: Duration

    /// - Parameters:
    ///   - attempt: how many were made, from 1.
    ///   - asked: what the endpoint's answer asks for; never undercut.
    ///   - jitter: at least 0 and below 1; from half of the pause to all of it, so that calls that failed together do
    ///     not come back together.
    ///   - left: until the call's deadline.
    /// - Returns: nil when no further attempt is to be made, or none could begin before the deadline.
    func pause(after attempt: Int, asked: Duration?, jitter: Double, left: Duration) -> Duration? {
        guard attempt < attempts else { return nil }
        let pause = max(backoff(after: attempt) * (0.5 + jitter / 2), asked ?? .zero)
        return pause < left ? pause : nil
    }

    private func backoff(after attempt: Int) -> Duration {
        var backoff = first
        for _ in 1..<attempt where backoff < most { backoff *= 2 }
        return min(backoff, most)
    }
}
