/// One judge: a model behind an OpenAI-compatible endpoint, as rubrics reach it through the gate.
///
/// Each bound is a setting, and each holds for this judge alone.
package struct JudgeOptions: Sendable, Hashable {
    /// Where an endpoint's URL is written.
    package enum Endpoint: Sendable, Hashable {
        /// Up to where the routes begin, such as `https://api.openai.com/v1`.
        case url(String)
        /// The environment variable that holds such a URL.
        case variable(String)
    }

    /// Which answers may be given again.
    package enum CachePolicy: String, Sendable, CaseIterable {
        /// Those to a request that asks for the same answer each time: an embedding, a temperature of 0, or a seed.
        case deterministic
        /// Those to any request; of several that a model could have given, all rollouts then see the first.
        case always
        case off
    }

    /// 1 to 64 letters, digits, `-`, `_` and `.`; part of the base URL.
    package var name: String
    package var endpoint: Endpoint
    /// The environment variable that holds the API key; without one, no `Authorization` is sent.
    package var keyFrom: String?
    /// Calls that are with the endpoint, or between two attempts, at a time.
    package var concurrency = 8
    /// Attempts begun in any 60 seconds.
    package var requestsPerMinute: Int?
    /// Calls that wait for their turn; more are answered with 429.
    package var queueMax = 256
    /// The first one included.
    package var attempts = 4
    /// Before the second attempt; doubled before each further one.
    package var backoff = Duration.milliseconds(500)
    package var backoffMax = Duration.seconds(8)
    /// For a call with all its waiting and attempts. A call may bring a shorter time of its own.
    package var timeout = Duration.seconds(60)
    package var cache = CachePolicy.deterministic
    /// A new number leaves all answers behind, when the model behind a name has changed.
    package var cacheGeneration = 0
    package var cacheEntriesMax = 4096
    package var cacheBytesMax = 64 << 20
    /// Bytes of a request's body, and of an answer's.
    package var bodyMax = 8 << 20

    package init(name: String, endpoint: Endpoint) {
        self.name = name
        self.endpoint = endpoint
    }
}
