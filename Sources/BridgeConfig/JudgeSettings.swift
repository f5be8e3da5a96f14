package import RewardModel

/// A model that rubrics ask through the bridge, as `judges:` of the configuration has it.
package struct JudgeSettings: Sendable, Hashable {
    package var url: EnvironmentURL?
    package var urlFrom: String?
    package var keyFrom: String?
    package var concurrency = 8
    package var requestsPerMinute: Int?
    package var queueMax = 256
    package var attempts = 4
    package var timeout = Duration.seconds(60)
    package var cache = JudgeCache.deterministic
    package var cacheGeneration = 0
    package var cacheEntriesMax = 4096
    package var cacheBytesMax = ByteCount.mebibytes(64)
    package var bodyMax = ByteCount.mebibytes(8)

    package init() {}
}

/// Which answers may be given again.
package enum JudgeCache: String, Sendable, CaseIterable {
    /// Those to a request that asks for the same answer each time: a temperature of 0, a seed, an embedding.
    case deterministic
    case always
    case off
}

extension JudgeCache: SettingValue {}

extension JudgeSettings: SettingSection {
    static let settings: [Setting<JudgeSettings>] = [
        Setting("url", \.url, "The endpoint's base URL, such as `https://api.openai.com/v1`."),
        Setting("url_from", \.urlFrom, "The environment variable that holds the URL, in place of `url`."),
        Setting("key_from", \.keyFrom, "The environment variable that holds the API key."),
        Setting("concurrency", \.concurrency, in: 1...10_000, "Calls that are with the endpoint at a time."),
        Setting("requests_per_minute", \.requestsPerMinute, "Attempts begun in any minute.") {
            $0.map { $0 > 0 } == false ? "not above zero" : nil
        },
        Setting("queue_max", \.queueMax, in: 1...1_000_000, "Calls that wait for their turn; more are answered 429."),
        Setting("attempts", \.attempts, in: 1...100, "How often a call is tried, the first one included."),
        Setting("timeout", \.timeout, in: .positive, "Time for a call with all its attempts."),
        Setting("cache", \.cache, "Which answers may be given again."),
        Setting("cache_generation", \.cacheGeneration, "A new number forgets all answers."),
        Setting("cache_entries_max", \.cacheEntriesMax, in: 0...10_000_000, "Answers that are kept."),
        Setting("cache_bytes_max", \.cacheBytesMax, "Bytes of answers that are kept."),
        Setting("body_max", \.bodyMax, "The largest request and the largest answer."),
    ]
}
