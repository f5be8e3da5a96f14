/// A point in time on both clocks. Scoring reads no clock: whoever tells it of an event says when it was.
package struct Moment: Sendable {
    /// For deadlines.
    package let instant: ContinuousClock.Instant
    /// Milliseconds since 1970-01-01T00:00Z, for rows.
    package let milliseconds: Int64

    package init(instant: ContinuousClock.Instant, milliseconds: Int64) {
        self.instant = instant
        self.milliseconds = milliseconds
    }
}
