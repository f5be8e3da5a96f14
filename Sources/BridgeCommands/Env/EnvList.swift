import ArgumentParser
import Foundation
import JSONBytes
import PythonEnvironments

/// `rewardbridge env list`
struct EnvList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "The virtual environments that there are."
    )

    @OptionGroup var place: StateArguments

    @Flag(help: "One JSON object a line.")
    var json = false

    func run() async throws {
        let store = try place.options().virtualEnvironments
        let rows = store.names.map { EnvironmentRow(name: $0, store: store) }
        guard !json else { return rows.forEach { Terminal.print($0.json) } }
        var table = TextTable("NAME", "STATE", "PYTHON", "PACKAGES", "ADAPTERS")
        for row in rows {
            table.add(
                row.name,
                row.state,
                row.record?.python ?? "-",
                row.record.map { "\($0.packages.count)" } ?? "-",
                row.record?.adapters.joined(separator: ", ") ?? "-"
            )
        }
        Terminal.print(table.text)
    }
}

/// A virtual environment, as it is listed.
private struct EnvironmentRow {
    let name: String
    let path: String
    let state: String
    /// nil unless it is whole.
    let record: EnvironmentRecord?

    init(name: String, store: EnvironmentStore) {
        self.name = name
        path = store.path(of: name)
        switch store.condition(of: name) {
        case .ready(let found): (state, record) = ("ready", found)
        case .inTheMaking: (state, record) = ("making", nil)
        case .broken: (state, record) = ("broken", nil)
        }
    }

    var json: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", name)
        writer.member("state", state)
        writer.member("path", path)
        writer.member("python", record?.python)
        writer.member("created_at", record?.createdAt.formatted(.iso8601))
        writer.member("adapters", record?.adapters)
        writer.member("requirements", record?.requirements)
        writer.member("without_dependencies", record?.withoutDependencies)
        writer.member("packages", record?.packages.sorted { $0.key < $1.key }.map { "\($0.key)==\($0.value)" })
        writer.endObject()
        return writer.finish()
    }
}

extension JSONWriter {
    fileprivate mutating func member(_ name: String, _ values: [String]?) {
        key(name)
        guard let values else { return null() }
        beginArray()
        for value in values { string(value) }
        endArray()
    }
}
