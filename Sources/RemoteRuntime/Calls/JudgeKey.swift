import Glibc
import NIOCore
import NIOHTTP1
import RewardModel

/// The API key of an endpoint. Its text goes into one header, and into nothing that is printed.
struct JudgeKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible {
    private let text: String

    /// - Parameter text: without the line's end that files of secrets have.
    /// - Returns: nil unless it can stand in a header (RFC 6750 section 2.1).
    init?(_ text: String) {
        let text = text.reversed().drop { $0.isNewline }.reversed()
        guard !text.isEmpty, text.allSatisfy({ $0.isASCII && $0 > " " && $0 < "\u{7F}" }) else { return nil }
        self.text = String(text)
    }

    var authorization: String { "Bearer \(text)" }

    /// Whether an answer repeats the key, as endpoints do that echo requests. Shorter keys, such as the `EMPTY` of
    /// local servers, guard nothing and may well be words of an answer.
    func isIn(_ answer: JudgeAnswer) -> Bool {
        guard text.utf8.count >= 16 else { return false }
        return answer.headers.contains { $0.value.contains(text) } || isIn(answer.body)
    }

    private func isIn(_ body: ByteBuffer) -> Bool {
        let key = Array(text.utf8)
        return body.withUnsafeReadableBytes { body in
            guard let start = body.baseAddress else { return false }
            var offset = 0
            while offset + key.count <= body.count {
                // The search ends where the key's first byte can stand last.
                let length = body.count - offset - key.count + 1
                guard let found = memchr(start + offset, Int32(key[0]), length) else { return false }
                if memcmp(found, key, key.count) == 0 { return true }
                offset = start.distance(to: UnsafeRawPointer(found)) + 1
            }
            return false
        }
    }

    var description: String { "(secret)" }
    var debugDescription: String { description }
}
