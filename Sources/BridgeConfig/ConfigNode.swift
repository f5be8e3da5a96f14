import RewardModel
import Yams

/// A value of a configuration file, with its place: what errors are made from.
struct ConfigNode {
    let node: Yams.Node
    /// Keys from the top, joined by dots: `worker.call_timeout`.
    let key: String
    let file: ConfigFile
    /// Where the key is, for members; where the value begins, for others.
    private let line: Int?

    init(_ node: Yams.Node, at key: String, in file: ConfigFile, line: Int? = nil) {
        self.node = node
        self.key = key
        self.file = file
        self.line = line ?? node.mark?.line
    }

    /// A plain or quoted value; nil for lists and mappings.
    var scalar: String? { node.scalar?.string }

    /// A value without quotation marks or block indicators, which YAML may read as something else than text.
    var plainScalar: String? {
        node.scalar.flatMap { $0.style == .plain || $0.style == .any ? $0.string : nil }
    }

    var isMapping: Bool { node.mapping != nil }
    var isList: Bool { node.sequence != nil }

    /// The keys and values of a mapping, in the file's order.
    /// - Throws: when the value is none, or a key is not text.
    func members() throws -> [(name: String, value: ConfigNode)] {
        guard let mapping = node.mapping else { throw unfit("not a mapping of keys to values") }
        return try mapping.map { pair in
            guard let name = pair.key.scalar?.string else {
                throw ConfigNode(pair.key, at: key, in: file).unfit("a key that is not text")
            }
            let path = key.isEmpty ? name : "\(key).\(name)"
            return (name, ConfigNode(pair.value, at: path, in: file, line: pair.key.mark?.line))
        }
    }

    func elements() throws -> [ConfigNode] {
        guard let sequence = node.sequence else { throw unfit("not a list") }
        return sequence.enumerated().map { ConfigNode($1, at: "\(key)[\($0)]", in: file) }
    }

    /// The only member of a mapping that has one and has that name.
    func member(named name: String) -> ConfigNode? {
        guard let mapping = node.mapping, mapping.count == 1, let pair = mapping.first,
            pair.key.scalar?.string == name
        else { return nil }
        return ConfigNode(pair.value, at: "\(key).\(name)", in: file, line: pair.key.mark?.line)
    }

    /// The error for a value that cannot be used.
    func unfit(_ reason: String, hint: String? = nil) -> BridgeError {
        let object = key.isEmpty ? "the file" : "setting '\(key)'"
        return BridgeError(.configuration, "could not read \(object) (\(place)): \(shown(reason))", hint: hint)
    }

    /// "not a duration" with the value before it, unless the value is long or could hold a password.
    private func shown(_ reason: String) -> String {
        guard reason.hasPrefix("not "), let scalar, scalar.count <= 60, !scalar.contains("@") else { return reason }
        return "'\(scalar)' is \(reason)"
    }

    func unknownKey(among known: [String]) -> BridgeError {
        let name = key.split(separator: ".").last.map(String.init) ?? key
        let hint =
            Suggestion.nearest(to: name, among: known).map { "did you mean '\($0)'?" }
            ?? "known keys are \(known.sorted().joined(separator: ", "))"
        return unfit("no such key", hint: hint)
    }

    /// Gives errors thrown by a parser of RewardModel the place that they lack.
    func located<Value>(_ parse: (String) throws -> Value, _ text: String) throws -> Value {
        do {
            return try parse(text)
        } catch let error as BridgeError {
            throw unfit(error.message, hint: error.hint)
        }
    }

    private var place: String {
        line.map { "\(file.path):\($0)" } ?? file.path
    }
}

extension Yams.Node {
    fileprivate var mark: Mark? {
        switch self {
        case .scalar(let scalar): scalar.mark
        case .mapping(let mapping): mapping.mark
        case .sequence(let sequence): sequence.mark
        case .alias(let alias): alias.mark
        }
    }
}
