import AdapterSeam
import JSONBytes
import RewardModel
import WorkerRuntime

/// What a rubric says of itself, for people and machines.
struct RubricDescription {
    private let loaded: RubricLoader.Loaded
    private var description: ComponentDescription { loaded.component.description }

    /// Each one once.
    private var interpreters: [PythonInterpreter] {
        loaded.interpreters.compactMap { $0 }.reduce(into: []) { found, each in
            if !found.contains(where: { $0.executable == each.executable }) { found.append(each) }
        }
    }

    init(_ loaded: RubricLoader.Loaded) {
        self.loaded = loaded
    }

    var text: String {
        let needs = description.needs.map(\.rawValue).sorted() + description.columns.map { "columns.\($0)" }
        let traits = [
            description.isStateful ? "keeps state per episode" : nil,
            description.isAsynchronous ? "asynchronous" : nil,
            description.isElementwise ? "elementwise" : nil,
            description.scoresPrefixes ? "scores prefixes" : nil,
            description.isDeterministic.map { $0 ? "deterministic" : "not deterministic" },
        ].compactMap { $0 }
        let limits = loaded.spec.components.compactMap { leaf in
            leaf.concurrency.map { "\(leaf.reference) \($0) at a time" }
        }
        let files = description.modules.isEmpty ? "none" : description.modules.joined(separator: ", ")
        return """
            rubric    \(loaded.name)
            version   \(loaded.version.digest)
            unit      \(description.unit.rawValue)
            needs     \(needs.isEmpty ? "nothing" : needs.joined(separator: ", "))
            range     \(range)
            traits    \(traits.isEmpty && limits.isEmpty ? "none declared" : (traits + limits).joined(separator: ", "))
            library   \(description.library.name) \(description.library.version)
            python    \(interpreters.isEmpty ? "none" : interpreters.map { "\($0.version) at \($0.executable)" }.joined(separator: ", "))
            files     \(files)
            packages  \(description.distributions.count)
            """
    }

    private var range: String {
        guard let range = loaded.range ?? description.range else { return "not declared" }
        return "[\(range.lower), \(range.upper)]"
    }

    var json: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("rubric", loaded.name)
        writer.member("version", loaded.version.digest)
        writer.member("unit", description.unit.rawValue)
        writer.strings("needs", description.needs.map(\.rawValue).sorted())
        writer.strings("columns", description.columns)
        writer.member("stateful", description.isStateful)
        writer.member("async", description.isAsynchronous)
        writer.member("elementwise", description.isElementwise)
        writer.member("prefix", description.scoresPrefixes)
        writer.key("deterministic")
        if let declared = description.isDeterministic { writer.bool(declared) } else { writer.null() }
        writer.key("range")
        if let range = loaded.range ?? description.range {
            writer.beginArray()
            for end in [range.lower, range.upper] { if end.isFinite { writer.double(end) } else { writer.null() } }
            writer.endArray()
        } else {
            writer.null()
        }
        writer.member("library", "\(description.library.name) \(description.library.version)")
        if let interpreter = interpreters.first {
            writer.member("python", interpreter.version)
            writer.member("executable", interpreter.executable)
        }
        writer.strings("files", description.modules)
        writer.strings("packages", description.distributions.map { "\($0.name) \($0.version)" })
        writer.endObject()
        return writer.finish()
    }
}

extension JSONWriter {
    fileprivate mutating func strings(_ name: String, _ values: [String]) {
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }
}
