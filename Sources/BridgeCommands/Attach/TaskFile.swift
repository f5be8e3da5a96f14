import Foundation
import JSONBytes
import NIOCore
import RewardModel
import Scoring

/// Reads task data: JSON lines, one object each, found by its `id`.
enum TaskFile {
    /// - Throws: ``BridgeError``, `.storage` when the file cannot be read, `.configuration` with the line that is no task.
    static func read(_ path: String, pointer: ViewPointer) throws -> TaskTable {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BridgeError(
                .storage,
                "could not read tasks '\(path)'",
                hint: "tasks names a JSONL file; relative paths start at the configuration's folder"
            )
        }
        var tasks: [String: RawJSON] = [:]
        var number = 0
        for line in ByteBuffer(bytes: data).readableBytesView.split(
            separator: UInt8(ascii: "\n"),
            omittingEmptySubsequences: false
        ) {
            number += 1
            guard !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) else { continue }
            let task = RawJSON(ByteBuffer(line))
            guard task.members() != nil else { throw unfit(path, number, "not a JSON object") }
            guard let id = task.member("id").flatMap(TaskTable.key) else {
                throw unfit(path, number, "no 'id' that is a string or a number")
            }
            guard tasks.updateValue(task, forKey: id) == nil else {
                throw unfit(path, number, "id '\(id)' came before")
            }
        }
        return try TaskTable(pointer: pointer, tasks: tasks)
    }

    private static func unfit(_ path: String, _ line: Int, _ reason: String) -> BridgeError {
        BridgeError(
            .configuration,
            "could not read task at \(path):\(line): \(reason)",
            hint: #"each line is an object such as {"id": 7, "answer": "144"}"#
        )
    }
}
