import JSONBytes
import RewardModel

extension ComponentResult {
    /// Where two results of one record part, to the last bit; nil: nowhere. Times and the texts of failures, which may
    /// hold addresses, are left out.
    func difference(from other: ComponentResult) -> String? {
        if !outcome.isSame(as: other.outcome) { return "\(outcome.shortText) and \(other.outcome.shortText)" }
        if members?.count != other.members?.count { return "other numbers of members" }
        for (mine, its) in zip(members ?? [], other.members ?? []) {
            if let difference = mine.difference(from: its) { return difference }
        }
        return partDifference(from: other)
    }

    private func partDifference(from other: ComponentResult) -> String? {
        let (mine, its) = (components?.elements() ?? [], other.components?.elements() ?? [])
        if mine.count != its.count { return "other numbers of components" }
        for (one, two) in zip(mine, its) where one.comparable != two.comparable {
            return "another component '\(one.member("path")?.string() ?? "")'"
        }
        if metrics?.comparable != other.metrics?.comparable { return "other metrics" }
        return stepScores == other.stepScores ? nil : "other step scores"
    }
}

extension RawJSON {
    /// Without times and messages, members in the order of their names.
    fileprivate var comparable: RawJSON {
        guard let members = members() else { return self }
        var writer = JSONWriter(capacity: count)
        writer.beginObject()
        for (name, value) in members.sorted(by: { $0.name < $1.name }) where !["run_us", "message"].contains(name) {
            writer.key(name)
            writer.raw(value.comparable)
        }
        writer.endObject()
        return writer.finish()
    }
}
