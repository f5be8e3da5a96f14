package import RewardModel

/// Where and how outcomes are kept.
package struct LedgerOptions: Sendable, Hashable {
    /// nil: `ledger.sqlite` in the state folder.
    package var path: String?
    package var window = Duration.milliseconds(20)
    package var queueMax = 100_000
    package var queueBytesMax = ByteCount.mebibytes(256)
    package var record = Recording.rewards

    package init() {}
}

extension LedgerOptions: SettingSection {
    static let settings: [Setting<LedgerOptions>] = [
        Setting(path: "path", \.path, "The database; `ledger.sqlite` in the state folder unless given."),
        Setting("window", \.window, in: .window, "The longest time from an outcome to its commit."),
        Setting(
            "queue_max",
            \.queueMax,
            in: 1...100_000_000,
            "Entries that wait for a commit; more are lost, and said so."
        ),
        Setting("queue_bytes_max", \.queueBytesMax, in: .queue, "Bytes of payload that wait for a commit."),
        Setting("record", \.record, "How much is kept; `full` keeps actions and observations too."),
    ]
}

extension ClosedRange<ByteCount> {
    fileprivate static let queue = ByteCount.mebibytes(1)...ByteCount(Int.max)
}

extension ClosedRange<Duration> {
    fileprivate static let window = Duration.milliseconds(1)...Duration.seconds(60)
}
