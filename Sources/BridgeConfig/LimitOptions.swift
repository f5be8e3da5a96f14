/// What the gateway bounds.
package struct LimitOptions: Sendable, Hashable {
    package var requestMax = ByteCount.mebibytes(16)
    package var replyMax = ByteCount.mebibytes(100)
    package var scoreMaxBytes = ByteCount.mebibytes(16)
    package var inFlight = 64
    package var sessionsMax = 10_000
    package var memoryMax = ByteCount.gibibytes(1)
    package var headerMax = ByteCount.kibibytes(64)
    package var connectTimeout = Duration.seconds(10)
    package var handshakeTimeout = Duration.seconds(10)
    package var keepAlive = Duration.seconds(75)
    package var drain = Duration.seconds(10)
    package var closeTimeout = Duration.seconds(5)
    package var redirectsMax = 5
    package var httpBodyMax = ByteCount.mebibytes(16)
    package var historyMax = ByteCount.mebibytes(64)
    package var versionFilesMax = 1_000
    package var versionBytesMax = ByteCount.mebibytes(64)

    package init() {}
}

extension LimitOptions: SettingSection {
    static let settings: [Setting<LimitOptions>] = [
        Setting("request_max", \.requestMax, in: .message, "The largest message from a client."),
        Setting("reply_max", \.replyMax, in: .message, "The largest message from an environment."),
        Setting("score_max_bytes", \.scoreMaxBytes, in: .message, "The largest reply that is scored."),
        Setting("in_flight", \.inFlight, in: 1...65_536, "Requests of a session that wait for their reply."),
        Setting("sessions_max", \.sessionsMax, in: 1...10_000_000, "Sessions open at a time."),
        Setting("memory_max", \.memoryMax, in: .memory, "Bytes held for all sessions together."),
        Setting("header_max", \.headerMax, in: .header, "The head of an HTTP request or response."),
        Setting("connect_timeout", \.connectTimeout, in: .positive, "For the connection to an environment."),
        Setting("handshake_timeout", \.handshakeTimeout, in: .positive, "For a WebSocket handshake, on either side."),
        Setting("keep_alive", \.keepAlive, in: .positive, "How long an idle HTTP connection is kept."),
        Setting("drain", \.drain, in: .positive, "How long open sessions may go on when the bridge stops."),
        Setting("close_timeout", \.closeTimeout, in: .positive, "For the environment to answer a close."),
        Setting("redirects_max", \.redirectsMax, in: 0...20, "Redirects followed in a handshake."),
        Setting("http_body_max", \.httpBodyMax, in: .message, "HTTP bodies that are held in order to be rewritten."),
        Setting("history_max", \.historyMax, in: .message, "Steps kept of an episode that is scored as a whole."),
        Setting("version_files_max", \.versionFilesMax, in: 1...1_000_000, "Files of one rubric version."),
        Setting("version_bytes_max", \.versionBytesMax, in: .message, "Bytes of one rubric version's files."),
    ]
}

extension ClosedRange<ByteCount> {
    fileprivate static let message = ByteCount.kibibytes(1)...ByteCount(Int(Int32.max))
    fileprivate static let memory = ByteCount.mebibytes(1)...ByteCount(Int.max)
    fileprivate static let header = ByteCount.kibibytes(1)...ByteCount.mebibytes(1)
}
