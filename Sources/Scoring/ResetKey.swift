package import JSONBytes
import RewardModel

/// What a client says to the bridge in `reset.data.rewardbridge`.
package struct ResetKeyContent: Sendable, Hashable {
    /// The gold answer.
    package var answer: RawJSON?
    /// The task's data, an object.
    package var task: RawJSON?
    /// The prompt group that the episode belongs to: a string, or an object with an `id`.
    package var group: RawJSON?
    /// A name for the session.
    package var name: String?
    /// One of the attachment's choices.
    package var rubric: String?

    package init() {}

    /// Of the values that a client may make long.
    package var byteCount: Int { [answer, task, group].reduce(0) { $0 + ($1?.count ?? 0) } }

    package enum Problem: Error, Sendable, Hashable {
        case invalid(String)

        package var message: String {
            switch self {
            case .invalid(let text): text
            }
        }
    }

    /// - Throws: ``Problem`` when the value is no object, has a key that is not one of the five, or a value of the wrong
    ///   type. Its message is for the client and repeats no values.
    package init(_ value: RawJSON) throws(Problem) {
        guard let members = value.members() else { throw .invalid("rewardbridge: not an object") }
        for (key, value) in members {
            switch key {
            case "answer": answer = value
            case "task": task = try Self.object(value, key)
            case "group": group = value
            case "name": name = try Self.string(value, key)
            case "rubric": rubric = try Self.string(value, key)
            default:
                throw .invalid("rewardbridge: unknown key; known keys are answer, task, group, name, rubric")
            }
        }
    }

    private static func object(_ value: RawJSON, _ key: String) throws(Problem) -> RawJSON {
        guard value.kind == .object else { throw .invalid("rewardbridge.\(key): not an object") }
        return value
    }

    private static func string(_ value: RawJSON, _ key: String) throws(Problem) -> String {
        guard let text = value.string(), !text.isEmpty, text.utf8.count <= 255 else {
            throw .invalid("rewardbridge.\(key): not a string of 1 to 255 bytes")
        }
        return text
    }
}
