/// How a rubric's inputs are made from what passes on the wire.
package struct RecordView: Sendable, Hashable {
    package var prompt: ViewPointer?
    /// The text that the policy wrote in a step.
    package var completion: ViewPointer?
    package var answer: ViewPointer?
    /// The environment's answer as text; the user's turn in `messages`.
    package var reply: ViewPointer?
    package var messages: MessagesView?
    /// Further inputs by name; they become the record's `info`.
    package var columns: [String: ViewPointer] = [:]

    package init() {}
}

/// Where a record's messages come from.
package enum MessagesView: Sendable, Hashable {
    /// `completion` and `reply` of each step in turn, after `prompt`.
    case turns
    /// A list of messages that the environment or the client keeps.
    case pointer(ViewPointer)
}

/// What a pointer of a view starts from.
package enum ViewRoot: String, Sendable, CaseIterable {
    case action
    case observation
    /// The reset request's data.
    case resetRequest = "reset_request"
    /// The reset's reply: `/reset/observation/...`.
    case reset
    case state
    /// The task's data: from the reset key or the task file.
    case task
    /// The steps so far.
    case history
}

/// A JSON pointer (RFC 6901) under one of the roots: `/action/message`.
package struct ViewPointer: Sendable, Hashable, CustomStringConvertible {
    package let root: ViewRoot
    /// Keys and indices below the root, unescaped.
    package let path: [String]

    package init(root: ViewRoot, path: [String] = []) {
        self.root = root
        self.path = path
    }

    /// - Throws: ``BridgeError`` (`.configuration`) unless the text is a pointer that starts at a root.
    package init(_ text: String) throws {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].isEmpty, let root = ViewRoot(rawValue: String(parts[1])) else {
            let roots = ViewRoot.allCases.map { "/\($0.rawValue)" }.joined(separator: ", ")
            throw BridgeError(
                .configuration,
                "could not read pointer '\(text)': it does not start at a root",
                hint: "roots are \(roots)"
            )
        }
        self.init(root: root, path: try parts.dropFirst(2).map { try Self.unescape($0, in: text) })
    }

    package var description: String {
        ([root.rawValue] + path.map(Self.escape)).map { "/\($0)" }.joined()
    }

    /// RFC 6901 section 4: `~1` is a slash, `~0` a tilde, and nothing else follows a tilde.
    private static func unescape(_ part: Substring, in text: String) throws -> String {
        let pieces = part.split(separator: "~", omittingEmptySubsequences: false)
        var result = String(pieces[0])
        for piece in pieces.dropFirst() {
            switch piece.first {
            case "0": result += "~" + piece.dropFirst()
            case "1": result += "/" + piece.dropFirst()
            default:
                throw BridgeError(
                    .configuration,
                    "could not read pointer '\(text)': '~' is not followed by 0 or 1",
                    hint: "write ~0 for a tilde and ~1 for a slash inside a key"
                )
            }
        }
        return result
    }

    private static func escape(_ key: String) -> String {
        key.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }
}
