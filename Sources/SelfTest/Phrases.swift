/// Lists of finite length, for one line of text.
enum Phrases {
    /// Items that are named; the rest is counted.
    static let namedMax = 5

    /// `line 3`, `lines 3, 7`, `lines 1, 2, 3, 4, 5 and 20 more`
    static func lines(_ numbers: [Int]) -> String {
        "line\(numbers.count == 1 ? "" : "s") \(list(numbers.map(String.init), between: ", "))"
    }

    /// `a; b; c and 2 more`
    static func list(_ items: [String], between separator: String = "; ") -> String {
        let named = items.prefix(namedMax).joined(separator: separator)
        return items.count > namedMax ? "\(named) and \(items.count - namedMax) more" : named
    }
}
