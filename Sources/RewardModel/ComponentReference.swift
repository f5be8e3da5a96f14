/// `adapter:target`: which library's convention to use, and what to call with it.
package struct ComponentReference: Sendable, Hashable, CustomStringConvertible {
    package let adapter: String
    /// The adapter's own notation: `rewards.py:score`, `trl.rewards:accuracy_reward`, a URL, a command.
    package let target: String

    /// - Throws: ``BridgeError`` (`.configuration`) unless the text is an adapter's name, a colon and a target.
    package init(_ text: String) throws {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard
            parts.count == 2, !parts[1].isEmpty, let first = parts[0].first, first.isLetter,
            parts[0].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") })
        else {
            throw BridgeError(
                .configuration,
                "could not read component '\(text)': not of the form ADAPTER:TARGET",
                hint: "write for example python:rewards.py:score"
            )
        }
        adapter = String(parts[0])
        target = String(parts[1])
    }

    /// `worker:FILE:NAME`: the file is a program that speaks RFC 002 itself, and needs no Python.
    package var isOwnProgram: Bool { adapter == "worker" }

    package var description: String { "\(adapter):\(target)" }
}
