/// The versions of Python that an adapter runs with: `>=3.10,<3.14`, `==3.11.*`.
package struct PythonRange: Sendable, Hashable, CustomStringConvertible {
    package let description: String
    private let clauses: [VersionClause]

    // Longer ones first: `>=` begins with `>`.
    private static let relations = [">=", "<=", "==", "!=", ">", "<"]

    /// - Returns: nil when a clause is not one of `>=`, `<=`, `>`, `<`, `==`, `!=` with a version of numbers.
    package init?(_ text: String) {
        let clauses = text.split(separator: ",").map { Self.clause($0.filter { $0 != " " }) }
        guard !clauses.isEmpty, !clauses.contains(nil) else { return nil }
        self.clauses = clauses.compactMap { $0 }
        description = text
    }

    /// - Parameter version: for example `3.11.7`; of `3.14.0rc1` the letters are left out.
    package func contains(_ version: String) -> Bool {
        let numbers = Self.numbers(version)
        return !numbers.isEmpty && clauses.allSatisfy { $0.holds(numbers) }
    }

    private static func clause(_ text: String) -> VersionClause? {
        guard let relation = relations.first(where: text.hasPrefix) else { return nil }
        var words = text.dropFirst(relation.count).split(separator: ".", omittingEmptySubsequences: false)
        let isPrefix = words.last == "*"
        if isPrefix { words.removeLast() }
        let version = words.compactMap { Int($0) }
        let isRead = !version.isEmpty && version.count == words.count
        guard isRead, !isPrefix || ["==", "!="].contains(relation) else { return nil }
        return VersionClause(relation: relation, version: version, isPrefix: isPrefix)
    }

    /// The number that each part begins with.
    private static func numbers(_ version: String) -> [Int] {
        version.split(separator: ".").compactMap { Int($0.prefix { $0.isASCII && $0.isNumber }) }
    }
}

/// One comparison of a range.
private struct VersionClause: Hashable {
    let relation: String
    let version: [Int]
    /// Ends with `.*`: compared as far as it goes.
    let isPrefix: Bool

    func holds(_ found: [Int]) -> Bool {
        let length = isPrefix ? version.count : max(found.count, version.count)
        let left = Self.padded(found, to: length)
        let right = Self.padded(version, to: length)
        return switch relation {
        case ">=": !left.lexicographicallyPrecedes(right)
        case "<=": !right.lexicographicallyPrecedes(left)
        case ">": right.lexicographicallyPrecedes(left)
        case "<": left.lexicographicallyPrecedes(right)
        case "==": left == right
        default: left != right
        }
    }

    /// `3.11` is `3.11.0`.
    private static func padded(_ numbers: [Int], to length: Int) -> ArraySlice<Int> {
        (numbers + Array(repeating: 0, count: max(0, length - numbers.count))).prefix(length)
    }
}
