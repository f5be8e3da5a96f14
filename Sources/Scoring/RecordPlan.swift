package import AdapterSeam
import JSONBytes
package import RewardModel

/// How one component's records are made of what passes on the wire: its needs, answered by the attachment's view.
///
/// Made once, when a rubric is attached; whatever the view lacks is found then and not at the first step.
package struct RecordPlan: Sendable {
    let needs: FieldSet
    let unit: ScoringUnit
    let prompt: BoundPointer?
    let completion: BoundPointer?
    let reply: BoundPointer?
    let answer: BoundPointer
    let columns: [Column]
    let messages: BoundMessages?
    /// Whether earlier steps must be kept.
    package let keepsHistory: Bool
    /// Whether the environment's state is asked for after each step.
    package let needsState: Bool

    struct Column: Sendable {
        let name: String
        let pointer: BoundPointer
        /// The component cannot do without it.
        let isNeeded: Bool
    }

    enum BoundMessages: Sendable {
        case turns
        case pointer(BoundPointer)
    }

    /// - Throws: ``BridgeError`` (`.configuration`) that names what the view lacks.
    package init(description: ComponentDescription, view: RecordView) throws {
        needs = FieldSet(description.needs)
        unit = description.unit
        prompt = try view.prompt.map(BoundPointer.init)
        completion = try view.completion.map(BoundPointer.init)
        reply = try view.reply.map(BoundPointer.init)
        answer = try BoundPointer(view.answer ?? ViewPointer(root: .task, path: ["answer"]))
        let needed = Set(description.columns)
        if let name = needed.subtracting(view.columns.keys).min() {
            throw Self.lacking("columns.\(name)", "/task/\(name)")
        }
        columns = try view.columns.sorted { $0.key < $1.key }.map { name, pointer in
            Column(name: name, pointer: try BoundPointer(pointer), isNeeded: needed.contains(name))
        }
        messages = try view.messages.map { messages in
            switch messages {
            case .turns: .turns
            case .pointer(let pointer): .pointer(try BoundPointer(pointer))
            }
        }
        let pointers = Self.pointers(columns, [prompt, completion, reply, answer], messages)
        keepsHistory = unit == .episode || needs.contains(.history) || pointers.contains { $0.root == .history }
        needsState = needs.contains(.state) || pointers.contains { $0.root == .state }
        try checkNeeds()
    }

    private static func pointers(
        _ columns: [Column],
        _ others: [BoundPointer?],
        _ messages: BoundMessages?
    ) -> [BoundPointer] {
        let all = columns.map(\.pointer) + others.compactMap(\.self)
        return if case .pointer(let pointer) = messages { all + [pointer] } else { all }
    }

    private func checkNeeds() throws {
        if needs.contains(.prompt), prompt == nil { throw Self.lacking("prompt", "/reset/observation/prompt") }
        let readsTurns = if case .turns = messages { true } else { false }
        if needs.contains(.completion) || readsTurns, completion == nil, !readsMessages {
            throw Self.lacking("completion", "/action/message")
        }
        if needs.contains(.messages), messages == nil { throw Self.lacking("messages", "turns") }
    }

    private var readsMessages: Bool {
        if case .pointer = messages { true } else { false }
    }

    private static func lacking(_ what: String, _ example: String) -> BridgeError {
        BridgeError(
            .configuration,
            "could not attach the rubric: it needs '\(what)', which the view does not give",
            hint: "add '\(what): \(example)' to the attachment's view, with the pointer that fits the environment"
        )
    }
}

/// A view's pointer, ready to select with.
struct BoundPointer: Sendable {
    let root: ViewRoot
    let text: String
    private let pointer: JSONPointer

    init(_ pointer: ViewPointer) throws {
        text = pointer.description
        root = pointer.root
        let below = String(text.dropFirst(1 + pointer.root.rawValue.count))
        guard let bound = JSONPointer(below) else {
            throw BridgeError(.configuration, "could not read pointer '\(text)'")
        }
        self.pointer = bound
    }

    func select(in material: EpisodeMaterial, step: StepMaterial?) -> RawJSON? {
        let value = start(in: material, step: step).flatMap { pointer.select(in: $0) }
        return value.flatMap { $0.isNull ? nil : $0 }
    }

    private func start(in material: EpisodeMaterial, step: StepMaterial?) -> RawJSON? {
        switch root {
        case .action: step?.action
        case .observation: step?.observation
        case .resetRequest: material.resetRequest
        case .reset: material.reset
        case .state: step?.state ?? material.resetState
        case .task: material.task
        case .history: history(of: material)
        }
    }

    private func history(of material: EpisodeMaterial) -> RawJSON {
        var writer = JSONWriter()
        writer.beginArray()
        for step in material.steps { writer.step(step) }
        writer.endArray()
        return writer.finish()
    }
}
