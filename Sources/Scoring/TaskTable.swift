package import JSONBytes
package import RewardModel

/// Task data by id: gold answers and columns that the environment must never see.
package struct TaskTable: Sendable {
    /// Where an episode's task id is found.
    let pointer: BoundPointer
    private let tasks: [String: RawJSON]

    /// - Parameters:
    ///   - pointer: under `/reset_request`, `/reset` or `/state`.
    ///   - tasks: objects by their id as text: strings as they are, numbers in their shortest form.
    package init(pointer: ViewPointer, tasks: [String: RawJSON]) throws {
        guard [.resetRequest, .reset, .state].contains(pointer.root) else {
            throw BridgeError(
                .configuration,
                "could not use task_from '\(pointer)': a task is looked up once, at the reset",
                hint: "start it with /reset_request, /reset or /state"
            )
        }
        self.pointer = try BoundPointer(pointer)
        self.tasks = tasks
    }

    package var count: Int { tasks.count }

    func task(for id: RawJSON) -> RawJSON? {
        Self.key(id).flatMap { tasks[$0] }
    }

    /// An id as text, so that a task file may write `"7"` where the wire has `7`.
    package static func key(_ id: RawJSON) -> String? {
        switch id.kind {
        case .string: id.string()
        case .number: id.int().map(String.init) ?? id.double().map { "\($0)" }
        default: nil
        }
    }
}
