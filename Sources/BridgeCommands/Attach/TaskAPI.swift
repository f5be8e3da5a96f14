import Gateway
import JSONBytes
import RewardModel
import Scoring

/// Reads a split of the environment's own Task API, once, when the bridge starts. Tasks are found by their index.
struct TaskAPI {
    let url: EnvironmentURL
    let probe: EnvironmentProbe

    /// - Throws: ``BridgeError`` (`.environment`) when the environment has no Task API or not that split.
    func read(split: String, pointer: ViewPointer) async throws -> TaskTable {
        let names = try await probe.ask("/list_environments")
        guard names.status == 200, let name = names.body.element(at: 0)?.string() else {
            throw unanswered("GET /list_environments answers status \(names.status)")
        }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("split", split)
        writer.endObject()
        let answer = try await probe.ask("/\(name)/tasks", body: writer.finish())
        guard answer.status == 200, let tasks = answer.body.member("tasks")?.elements() else {
            throw unanswered("POST /\(name)/tasks answers status \(answer.status) for split '\(split)'")
        }
        let entries = tasks.enumerated().map { (String($0), Self.object($1)) }
        return try TaskTable(pointer: pointer, tasks: Dictionary(uniqueKeysWithValues: entries))
    }

    /// A task that is no object becomes one, so that pointers below `/task` reach it.
    private static func object(_ task: RawJSON) -> RawJSON {
        guard task.kind != .object else { return task }
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("value", task)
        writer.endObject()
        return writer.finish()
    }

    private func unanswered(_ reason: String) -> BridgeError {
        BridgeError(
            .environment,
            "could not read tasks of '\(url)': \(reason)",
            hint: "an environment without tasks needs a file: tasks: tasks.jsonl in place of task_split"
        )
    }
}
