import JSONBytes
import RewardModel

extension RecordPlan {
    /// What the wire did not hold.
    enum Missing: Error {
        /// The task's data.
        case task
        /// Anything else, as the pointer that found nothing.
        case input(String)

        var outcome: Outcome {
            switch self {
            case .task: .unscored(.noTask)
            case .input(let what): .unscored(.needs, detail: what)
            }
        }
    }

    /// The record of the last step in `material`, or of the whole episode.
    /// - Parameter id: of the record: session, episode and step.
    func record(id: String, of material: EpisodeMaterial) throws(Missing) -> RawJSON {
        let step = material.steps.last
        // Room for what is long, so that the record is written without moving house.
        var writer = JSONWriter(capacity: 512 + (writesSteps ? material.byteCount : 0))
        writer.beginObject()
        writer.key("schema")
        writer.string("evalrec/1")
        writer.key("id")
        writer.string(id)
        try writePrompt(to: &writer, material, step)
        try writeMessages(to: &writer, material, step)
        try writeAnswer(to: &writer, material, step)
        try writeColumns(to: &writer, material, step)
        try writeSteps(to: &writer, material, step)
        writer.endObject()
        return writer.finish()
    }

    private func writePrompt(
        to writer: inout JSONWriter,
        _ material: EpisodeMaterial,
        _ step: StepMaterial?
    ) throws(Missing) {
        guard needs.contains(.prompt), let prompt else { return }
        let value = try require(prompt, material, step)
        writer.key("prompt")
        switch value.kind {
        case .array: writer.raw(value)
        case .string:
            writer.beginArray()
            writer.message(role: "user", content: value, sampled: false)
            writer.endArray()
        default: throw .input(prompt.text)
        }
    }

    private func writeMessages(
        to writer: inout JSONWriter,
        _ material: EpisodeMaterial,
        _ step: StepMaterial?
    ) throws(Missing) {
        guard needs.contains(.messages) || needs.contains(.completion) else { return }
        switch messages {
        case .pointer(let pointer):
            let value = try require(pointer, material, step)
            guard value.kind == .array else { throw .input(pointer.text) }
            writer.key("messages")
            writer.raw(value)
        case .turns where unit == .episode:
            try writeTurns(of: material.steps, to: &writer, material)
        case .turns, nil:
            try writeTurns(of: material.steps.suffix(1), to: &writer, material)
        }
    }

    private func writeTurns(
        of steps: some Sequence<StepMaterial>,
        to writer: inout JSONWriter,
        _ material: EpisodeMaterial
    ) throws(Missing) {
        guard let completion else { return }
        writer.key("messages")
        writer.beginArray()
        for step in steps {
            let text = try require(completion, material, step)
            guard text.kind == .string else { throw .input(completion.text) }
            writer.message(role: "assistant", content: text, sampled: true)
            if case .turns = messages, let answer = reply?.select(in: material, step: step), answer.kind == .string {
                writer.message(role: "user", content: answer, sampled: false)
            }
        }
        writer.endArray()
    }

    private func writeAnswer(
        to writer: inout JSONWriter,
        _ material: EpisodeMaterial,
        _ step: StepMaterial?
    ) throws(Missing) {
        guard needs.contains(.answer) else { return }
        guard let value = material.answer ?? answer.select(in: material, step: step) else { throw .task }
        writer.key("answer")
        writer.raw(value)
    }

    private func writeColumns(
        to writer: inout JSONWriter,
        _ material: EpisodeMaterial,
        _ step: StepMaterial?
    ) throws(Missing) {
        guard !columns.isEmpty else { return }
        writer.key("info")
        writer.beginObject()
        for column in columns {
            guard let value = column.pointer.select(in: material, step: step) else {
                guard column.isNeeded else { continue }
                throw missing(column.pointer, material)
            }
            writer.key(column.name)
            writer.raw(value)
        }
        writer.endObject()
    }

    private func writeSteps(
        to writer: inout JSONWriter,
        _ material: EpisodeMaterial,
        _ step: StepMaterial?
    ) throws(Missing) {
        guard writesSteps else { return }
        if needs.contains(.state), step?.state == nil { throw .input("/state") }
        writer.key("steps")
        writer.beginArray()
        if needs.contains(.reset) { writer.resetStep(material) }
        if needs.contains(.history) || unit == .episode {
            for step in material.steps { writer.step(step) }
        } else if let step {
            writer.step(step)
        }
        writer.endArray()
    }

    private static let stepFields = FieldSet([.action, .observation, .state, .history, .reset])

    private var writesSteps: Bool { needs.contains(anyOf: Self.stepFields) }

    private func require(
        _ pointer: BoundPointer,
        _ material: EpisodeMaterial,
        _ step: StepMaterial?
    ) throws(Missing) -> RawJSON {
        if let value = pointer.select(in: material, step: step) { return value }
        throw missing(pointer, material)
    }

    private func missing(_ pointer: BoundPointer, _ material: EpisodeMaterial) -> Missing {
        pointer.root == .task && material.task == nil ? .task : .input(pointer.text)
    }
}

extension JSONWriter {
    fileprivate mutating func message(role: String, content: RawJSON, sampled: Bool) {
        beginObject()
        key("role")
        string(role)
        key("content")
        raw(content)
        if sampled {
            key("sampled")
            bool(true)
        }
        endObject()
    }
}
