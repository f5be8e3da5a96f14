import NIOCore
import RewardModel

extension ByteBuffer {
    /// Writes an episode as its description reads, without making a string: one is written with every score.
    mutating func writeEpisode(_ episode: EpisodeKey) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: 36) { text in
            var offset = 0
            for byte in 0..<16 {
                if byte == 4 || byte == 6 || byte == 8 || byte == 10 {
                    text[offset] = UInt8(ascii: "-")
                    offset += 1
                }
                let half = byte < 8 ? episode.session.high : episode.session.low
                let value = UInt8(truncatingIfNeeded: half >> UInt64(56 - byte % 8 * 8))
                text[offset] = Self.digit(value >> 4)
                text[offset + 1] = Self.digit(value & 0xF)
                offset += 2
            }
            return offset
        }
        writeStaticString("/")
        writeString(String(episode.number))
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
