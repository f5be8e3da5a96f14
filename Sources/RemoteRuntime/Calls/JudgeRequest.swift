import NIOCore

/// A rubric's request to a judge. Of its headers only those that the endpoint is to see are here.
struct JudgeRequest: Sendable {
    var route: JudgeRoute
    /// With its `?`, or empty.
    var query = ""
    var contentType: String?
    var accept: String?
    var body = ByteBuffer()
    /// When its head arrived.
    var arrival: ContinuousClock.Instant
    /// For how long the rubric can use an answer, if it says so.
    var patience: Duration?
}
