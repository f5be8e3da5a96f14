import Glibc
import NIOHTTP1

/// How long an endpoint asks to be left alone. Pure.
enum RetryAfter {
    /// `retry-after-ms`, which OpenAI's servers send and clients prefer, else `Retry-After` in seconds or as a date
    /// (RFC 9110 section 10.2.3).
    ///
    /// - Parameter now: seconds since 1970-01-01T00:00Z.
    /// - Returns: nil when the answer asks for nothing that can be read.
    static func read(_ headers: HTTPHeaders, now: Int) -> Duration? {
        if let text = headers.first(name: "retry-after-ms"), let milliseconds = Double(text) {
            return duration(seconds: milliseconds / 1000)
        }
        guard let text = headers.first(name: "retry-after") else { return nil }
        if let seconds = Double(text) { return duration(seconds: seconds) }
        return date(text).flatMap { duration(seconds: Double($0 - now)) }
    }

    /// Finite, not negative, and no longer than a day.
    private static func duration(seconds: Double) -> Duration? {
        seconds.isNaN ? nil : .seconds(min(max(seconds, 0), 86_400))
    }

    /// RFC 9110 section 5.6.7; of its three forms the one that senders must write.
    private static func date(_ text: String) -> Int? {
        let words = text.split { ", :".contains($0) }
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 8, words[7] == "GMT" else { return nil }
        guard let month = months.firstIndex(of: String(words[2])) else { return nil }
        let numbers = [1, 3, 4, 5, 6].compactMap { Int32(words[$0]) }
        guard numbers.count == 5 else { return nil }
        var parts = tm()
        parts.tm_mday = numbers[0]
        parts.tm_mon = Int32(month)
        parts.tm_year = numbers[1] &- 1900
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (numbers[2], numbers[3], numbers[4])
        return timegm(&parts)
    }
}
