import RewardModel
import Testing

@testable import BridgeConfig

@Suite("Durations and sizes")
struct QuantityTests {
    @Test("Every duration reads back from its own text")
    func durationRoundTrip() {
        var random = SystemRandomNumberGenerator()
        let limit: Int64 = 315_360_000_000_000
        let cases =
            [0, 1, 999, 1_000, 60_000_000, limit]
            + (0..<2_000).map { _ in
                // All magnitudes, not only the large ones.
                Int64.random(in: 0...limit, using: &random) >> Int64.random(in: 0...48, using: &random)
            }
        for microseconds in cases {
            let duration = Duration.microseconds(microseconds)
            #expect(DurationText.parse(DurationText.text(duration)) == duration)
        }
    }

    @Test("Every size reads back from its own text")
    func sizeRoundTrip() {
        var random = SystemRandomNumberGenerator()
        let cases =
            [0, 1, 1023, 1024, Int.max]
            + (0..<2_000).map { _ in
                Int.random(in: 0...Int.max, using: &random) >> Int.random(in: 0...62, using: &random)
            }
        for bytes in cases {
            #expect(ByteCount("\(ByteCount(bytes))") == ByteCount(bytes))
            #expect(ByteCount("\(bytes) B") == ByteCount(bytes))
        }
    }

    @Test(
        "Units mean what they say",
        arguments: [
            ("1us", Duration.microseconds(1)), ("250ms", .milliseconds(250)), ("5s", .seconds(5)), ("5 s", .seconds(5)),
            ("2m", .seconds(120)), ("1h", .seconds(3600)), ("1.5s", .milliseconds(1500)),
            ("0.25ms", .microseconds(250)),
        ]
    )
    func durations(text: String, duration: Duration) {
        #expect(DurationText.parse(text) == duration)
    }

    @Test(
        "Binary and decimal units differ",
        arguments: [
            ("4096", 4096), ("4096B", 4096), ("1KiB", 1024), ("1KB", 1000), ("1 kB", 1000), ("16MiB", 16_777_216),
            ("8 MB", 8_000_000), ("2GiB", 2_147_483_648), ("2GB", 2_000_000_000), ("0", 0),
        ]
    )
    func sizes(text: String, bytes: Int) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(
        "What is no duration is refused",
        arguments: [
            "", "5", "s", ".5s", "5.s", "-5s", "+5s", "5S", "5 sec", "1e3s", "infs", "nans", "0x5s", "1..5s", "5s ",
            "99999999999h", "٥s",
        ]
    )
    func notDurations(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        "What is no size is refused",
        arguments: [
            "", "MiB", "-1", "+1", "1.5MiB", "1mib", "16MiBs", "1 M", "9223372036854775808", "9007199254740993GiB",
            "1e3",
        ]
    )
    func notSizes(text: String) {
        #expect(ByteCount(text) == nil)
    }
}
