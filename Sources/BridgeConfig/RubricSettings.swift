import RewardModel

/// Names of rubrics and their nodes: they become parts of paths, metric labels and column names.
enum RubricName {
    static let lengthMax = 64

    static func isFit(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= lengthMax && name.allSatisfy(isFit)
    }

    /// A fit name from any text.
    static func made(from text: String) -> String {
        let name = String(text.prefix(lengthMax).map { isFit($0) ? $0 : "_" })
        return name.isEmpty ? "_" : name
    }

    private static func isFit(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_" || character == "-")
    }
}

extension RubricNode {
    /// Keys of every node.
    static let settings: [Setting<RubricNode>] = [
        Setting("name", \.name, "The node's name, unique among its siblings; made from the target unless given.") {
            RubricName.isFit($0) ? nil : "a name has 1 to 64 letters, digits, '_' and '-'"
        },
        Setting("weight", \.weight, "The weight in a weighted sum or a mean."),
        Setting("role", \.role, "What the value is for."),
        Setting(
            "threshold",
            \.threshold,
            "What a node of the role gate, or the nodes of `combine: gate`, must reach; 1.0 unless given."
        ),
        Setting("range", \.range, "The range that the value must lie in; beyond it is a failure."),
        Setting("on_absent", \.onAbsent, "What an absent value does to the combination."),
        Setting("clip", \.clip, "Moves values beyond to the nearer end."),
        Setting("scale", \.scale, "Factor for the value."),
        Setting("discount", \.discount, "Factor from step to step of `credit: discounted`.") {
            $0.map { (0...1).contains($0) } == false ? "not from 0 to 1" : nil
        },
        Setting("credit", \.credit, "How an episode's score is handed down to its steps; of the root alone."),
        Setting("timeout", \.timeout, "Time for each component's call; none leaves it to the deadline.") {
            $0 == .zero ? "not above zero" : nil
        },
    ]
}

extension RubricComponent {
    /// Further keys of a component.
    static let settings: [Setting<RubricComponent>] = [
        Setting("args", \.args, "Arguments of a class or a factory."),
        Setting("shape", \.shape, "Which arguments the target is called with; see the adapter's table."),
        Setting("unit", \.unit, "What one score belongs to."),
        Setting("types", \.types, "Classes of action and observation; `json` for attributes over plain JSON."),
        Setting("reward_key", \.rewardKey, "The key of the reward in an answer that is an object."),
        Setting("stateful", \.isStateful, "Calls of an episode depend on its earlier calls."),
        Setting("factory", \.isFactory, "The target is called once and gives the component."),
        Setting("elementwise", \.isElementwise, "A batch call scores each record as a call of its own would."),
        Setting("prefix", \.scoresPrefixes, "An episode may be scored before its end."),
        Setting("deterministic", \.isDeterministic, "Equal records get equal scores."),
        Setting("completions", \.completions, "Whether completions are passed as text or as messages."),
        Setting("columns", \.columns, "Names that the record's `info` must hold."),
        Setting("files", \.files, "Further files that the target needs: paths or patterns relative to the rubric."),
        Setting(python: "python", \.python, "Python or its virtual environment; the attachment's unless given."),
        Setting("env", \.environment, "Names of environment variables that the component may read."),
        Setting(
            "judges",
            \.judges,
            "Judges of the configuration, by the environment variable that gets their base URL."
        ),
        Setting("concurrency", \.concurrency, "Calls that run at a time, over all of its workers.") {
            $0.map { $0 > 0 } == false ? "not above zero" : nil
        },
        Setting("network", \.network, "Whether the component may open network connections."),
        Setting("bounded", \.isBounded, "Calls are short and always return: fit for the embedded runtime."),
        Setting("placement_free", \.isPlacementFree, "Scores the same in every runtime."),
        Setting("runtime", \.runtime, "Where it runs; the attachment's unless given."),
    ]
}
