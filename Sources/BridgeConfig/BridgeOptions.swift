import RewardModel

/// Everything that `bridge.yaml` can say. A value made with `init()` holds the defaults, which are nowhere else.
package struct BridgeOptions: Sendable, Hashable {
    package var listen = ListenAddress(host: "127.0.0.1", port: 8900)
    /// Where the bridge keeps versions and the ledger.
    package var state = ".rewardbridge"
    package var logLevel = LogLevel.info
    /// By name.
    package var environments: [EnvironmentOptions] = []
    /// Whether there is one environment, with its routes at the top.
    package var isSingle = false
    package var worker = WorkerPoolOptions()
    package var embedded = EmbeddedPythonOptions()
    /// By name.
    package var judges: [String: JudgeSettings] = [:]
    package var limits = LimitOptions()
    package var ledger = LedgerOptions()

    package init() {}

    /// Reads a file. Paths in it are relative to its folder, and absolute in the result.
    /// - Throws: ``BridgeError`` (`.configuration`) with file, line and key.
    package init(reading path: String) throws {
        try self.init(ConfigFile(reading: path))
    }

    init(_ file: ConfigFile) throws {
        try self.init(file.root())
        if !state.hasPrefix("/") { state = file.resolve(state) }
    }

    package var ledgerPath: String { ledger.path ?? "\(state)/ledger.sqlite" }
}

extension BridgeOptions: SettingSection {
    static let settings: [Setting<BridgeOptions>] = [
        Setting("listen", \.listen, "Where clients connect."),
        Setting("state", type: "path", "The folder for versions and the ledger.", text: \.state) {
            $1.state = $0.file.resolve(try String($0))
        },
        Setting("log_level", \.logLevel, "From which level on the log is written."),
        Setting("environment", type: EnvironmentOptions.typeText, "One environment, with its routes at the top.") {
            guard $1.environments.isEmpty else { throw $0.unfit("there are 'environments' too") }
            $1.environments = [try EnvironmentOptions($0)]
            $1.isSingle = true
        },
        Setting(
            "environments",
            type: "names with sections",
            "Environments by name; the name is the first part of their routes' paths.",
            below: EnvironmentOptions.manual(under: "environments.NAME")
        ) {
            guard !$1.isSingle else { throw $0.unfit("there is an 'environment' too") }
            let members = try $0.members().sorted { $0.name < $1.name }
            $1.environments = try members.map { try EnvironmentOptions($0.value, name: $0.name) }
        },
        Setting(section: "worker", \.worker, "How worker processes are run."),
        Setting(section: "embedded", \.embedded, "How the interpreter inside the bridge is run."),
        Setting(
            "judges",
            type: "names with sections",
            "Models that rubrics ask through the bridge, by name.",
            below: JudgeSettings.manual(under: "judges.NAME")
        ) {
            for member in try $0.members() { $1.judges[member.name] = try JudgeSettings(member.value) }
        },
        Setting(section: "limits", \.limits, "What the gateway bounds."),
        Setting(section: "ledger", \.ledger, "Where and how outcomes are kept."),
    ]
}
