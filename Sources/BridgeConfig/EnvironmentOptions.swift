package import RewardModel

/// An environment, and what is attached to it.
package struct EnvironmentOptions: Sendable, Hashable {
    /// The first part of its routes' paths; an environment that stands alone has its routes at the top.
    package var name = "default"
    package var url: EnvironmentURL?
    /// nil: relayed, not scored.
    package var rubric: RubricSource?
    package var python: String?
    package var runtime = RuntimeChoice.worker
    package var view = RecordView()
    /// A file of task data, an absolute path.
    package var tasks: String?
    package var taskFrom: ViewPointer?
    /// A split of the environment's Task API, in place of a file.
    package var taskSplit: String?
    /// What the reset key may pick instead of `rubric`.
    package var choices: [String: RubricSource] = [:]
    package var attachment = AttachmentOptions()
    /// Servers besides its own that a WebSocket handshake may be redirected to.
    package var redirectOrigins: [RedirectOrigin] = []

    package init() {}

    /// Names that are routes of the protocol or of the bridge.
    package static let reservedNames: Set<String> = [
        "as", "docs", "harness", "health", "healthz", "list_environments", "mcp", "metadata", "metrics", "openapi.json",
        "readyz", "redoc", "reset", "schema", "state", "step", "v1", "web", "ws",
    ]
}

extension EnvironmentOptions: SettingSection {
    static let typeText = "section, or a URL alone"

    static let settings: [Setting<EnvironmentOptions>] = [
        Setting("url", \.url, "Where the environment is; required."),
        Setting("rubric", \.rubric, "What scores it; none relays without scoring."),
        Setting(
            python: "python",
            \.python,
            "Python or the virtual environment that runs the rubric; `rewardbridge env` makes ones by name."
        ),
        Setting("runtime", \.runtime, "Where the rubric runs: in worker processes, or embedded in the bridge."),
        Setting(section: "view", \.view, "How a rubric's inputs are made from what passes on the wire."),
        Setting(path: "tasks", \.tasks, "A JSONL file of task data, such as gold answers."),
        Setting("task_from", \.taskFrom, "What names the episode's task in that file."),
        Setting("task_split", \.taskSplit, "A split of the environment's own Task API, in place of `tasks`; by index."),
        Setting("choices", \.choices, "Rubrics by name that a client may pick in place of `rubric`."),
        Setting("consumer", \.attachment.consumer, "The loop that reads the rewards; a preset of the next four."),
        Setting("fold", \.attachment.fold, "How an episode's scores are laid on its steps."),
        Setting("before", \.attachment.before, "What steps before the score carry, with fold `last`."),
        Setting("on_failed", \.attachment.onFailed, "What the client gets for a reward that failed."),
        Setting("on_unscored", \.attachment.onUnscored, "What the client gets for a step that nobody scored."),
        Setting("delivery", \.attachment.delivery, "When the client gets an outcome."),
        Setting("reduce", \.attachment.reduce, "How the scores of steps become an episode's."),
        Setting("deadline", \.attachment.deadline, in: .positive, "From a step's reply to its outcome."),
        Setting("client_timeout", \.attachment.clientTimeout, in: .positive, "How long the client waits for a reply."),
        Setting("range", \.attachment.range, "The range that rewards must lie in."),
        Setting("breakdown", \.attachment.breakdown, "Puts the parts of a reward into the reply's metadata."),
        Setting("durability", \.attachment.durability, "`reply` holds a reply until its row is on disk."),
        Setting("redirect_origins", \.redirectOrigins, "Other servers that a handshake may be redirected to."),
    ]

    init(_ node: ConfigNode) throws {
        if node.scalar != nil {
            self.init()
            url = try EnvironmentURL(node)
        } else {
            try self.init(section: node)
        }
        guard url != nil else { throw node.unfit("no 'url'", hint: "write url: http://127.0.0.1:8000") }
    }

    init(_ node: ConfigNode, name: String) throws {
        guard !Self.reservedNames.contains(name) else {
            throw node.unfit("'\(name)' is a route of the protocol", hint: "choose another name for the environment")
        }
        guard Self.isFit(name) else {
            throw node.unfit(
                "a name has 1 to 64 letters, digits, '_', '-' and '.', and begins with a letter or a digit"
            )
        }
        try self.init(node)
        self.name = name
    }

    private static func isFit(_ name: String) -> Bool {
        guard let first = name.first, first.isLetter || first.isNumber, name.utf8.count <= 64 else { return false }
        return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
    }
}

extension RecordView: SettingSection {
    static let settings: [Setting<RecordView>] = [
        Setting("prompt", \.prompt, "The prompt."),
        Setting("completion", \.completion, "The text that the policy wrote in a step."),
        Setting("answer", \.answer, "The gold answer."),
        Setting("reply", \.reply, "The environment's answer as text; the user's turn in `messages`."),
        Setting("messages", \.messages, "The messages; `turns` makes them from `completion` and `reply`."),
        Setting("columns", \.columns, "Further inputs by name."),
    ]
}
