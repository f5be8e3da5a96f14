import RewardModel

/// What a self-test scores.
struct SelfTestFiles: Sendable {
    let records: [RecordLines.Line]
    /// Known to be good; nil: not given.
    let oracle: [RecordLines.Line]?
    /// Known to be worthless; nil: not given.
    let floor: [RecordLines.Line]?

    /// - Throws: ``BridgeError`` for a file that cannot be read or holds no record.
    init(records: String, oracle: String?, floor: String?) throws {
        self.records = try Self.read(records)
        self.oracle = try oracle.map(Self.read)
        self.floor = try floor.map(Self.read)
    }

    private static func read(_ path: String) throws -> [RecordLines.Line] {
        let lines = try RecordLines.read(path)
        guard !lines.isEmpty else {
            throw BridgeError(
                .configuration,
                "could not test with '\(path)': it holds no record",
                hint: "write evalrec/1 objects, one a line"
            )
        }
        return lines
    }
}
