/// One client connection through the bridge: a UUIDv7 that the bridge mints (RFC 9562 section 5.7).
///
/// Ids of one bridge sort by the time they were minted, to the millisecond.
package struct SessionID: Sendable, Hashable, CustomStringConvertible {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameters:
    ///   - milliseconds: since 1970-01-01T00:00Z; the low 48 bits are kept.
    ///   - random: 74 bits of it are used.
    package static func mint(
        milliseconds: UInt64,
        using random: inout some RandomNumberGenerator
    ) -> SessionID {
        let version: UInt64 = 0x7 << 12
        let variant: UInt64 = 0b10 << 62
        let high = milliseconds << 16 | version | UInt64.random(in: 0...0xFFF, using: &random)
        let low = variant | (UInt64.random(in: .min ... .max, using: &random) >> 2)
        return SessionID(high: high, low: low)
    }

    /// - Returns: nil unless the text is a UUID in its usual form of 8-4-4-4-12 hexadecimal digits.
    package init?(_ text: some StringProtocol) {
        let groups = text.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.count) == [8, 4, 4, 4, 12] else { return nil }
        let digits = groups.joined()
        guard
            digits.allSatisfy(\.isHexDigit),
            let high = UInt64(digits.prefix(16), radix: 16),
            let low = UInt64(digits.suffix(16), radix: 16)
        else { return nil }
        self.init(high: high, low: low)
    }

    package var description: String {
        // Every row in the ledger has one: digit by digit into the string's own storage.
        String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                let half = index < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - index % 16 * 4)) & 0xF
                text[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
                place += 1
            }
            return place
        }
    }
}

/// An episode of a session. Number 0 holds the steps before the connection's first reset.
package struct EpisodeKey: Sendable, Hashable, CustomStringConvertible {
    package let session: SessionID
    package let number: Int

    package init(session: SessionID, number: Int) {
        self.session = session
        self.number = number
    }

    package var description: String { "\(session)/\(number)" }
}

/// How an episode ended.
package enum EpisodeEnd: String, Sendable, CaseIterable {
    /// The environment answered a step with `done: true`.
    case done
    /// The client sent the next reset.
    case reset
    /// The client's side said that it stops here.
    case truncated
    /// The client's connection ended.
    case disconnect
    /// The environment's connection ended.
    case upstreamLost = "upstream_lost"
    /// The bridge stopped while the episode was open.
    case bridgeRestart = "bridge_restart"

    /// Whether the episode's score may be trained on; the others are scored and marked.
    package var isUsable: Bool {
        switch self {
        case .done, .reset, .truncated: true
        case .disconnect, .upstreamLost, .bridgeRestart: false
        }
    }
}

/// An immutable rubric: the SHA-256 of everything that decides its numbers, in lower-case hexadecimal.
package struct RubricVersion: Sendable, Hashable, CustomStringConvertible {
    package let digest: String

    package init(digest: String) {
        self.digest = digest
    }

    /// Twelve digits: enough to tell versions apart in a log or a table.
    package var short: String { String(digest.prefix(12)) }
    package var description: String { digest }
}
