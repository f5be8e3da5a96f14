import ArgumentParser
import BridgeConfig
import Foundation
import RewardModel

/// What `serve` reads from the command line, and how it goes before the configuration file.
struct ServeArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Configuration file; options below go before what it says.", valueName: "bridge.yaml"))
    var config: String?

    @Option(help: ArgumentHelp("The environment to stand in front of.", valueName: "url"))
    var env: String?

    @Option(help: ArgumentHelp("What scores it: ADAPTER:TARGET or a rubric file.", valueName: "rubric"))
    var rubric: String?

    @Option(help: ArgumentHelp("Python or virtual environment that runs the rubric.", valueName: "path or name"))
    var python: String?

    @Option(help: "Where it runs: \(RuntimeChoice.allCases.map(\.rawValue).joined(separator: ", ")) (default: worker).")
    var runtime: String?

    @Option(help: ArgumentHelp("Where clients connect; port 0 takes any free one.", valueName: "host:port"))
    var listen: String?

    @Option(help: ArgumentHelp("Folder for versions and the ledger (default: .rewardbridge).", valueName: "folder"))
    var state: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "An input of the rubric, such as completion=/action/message; repeatable.",
            valueName: "input=pointer"
        )
    )
    var view: [String] = []

    @Option(help: "The loop that reads the rewards: \(Consumer.allCases.map(\.rawValue).joined(separator: ", ")).")
    var consumer: String?

    @Flag(help: "Put the parts of each reward into the reply's metadata.")
    var breakdown = false

    @Option(help: "What the ledger keeps: \(Recording.allCases.map(\.rawValue).joined(separator: ", ")).")
    var record: String?

    @Option(help: "Bubblewrap for workers: \(Sandbox.allCases.map(\.rawValue).joined(separator: ", ")).")
    var sandbox: String?

    @Option(help: ArgumentHelp("From which level on the log is written (default: info).", valueName: "level"))
    var logLevel: String?

    @Argument(
        parsing: .postTerminator,
        help: ArgumentHelp(
            "After --: a command that starts the environment; {port} in it becomes a free port.",
            valueName: "command"
        )
    )
    var command: [String] = []

    /// The options in force.
    /// - Throws: ``BridgeError`` (`.configuration`).
    func options() throws -> BridgeOptions {
        var options = try config.map { try BridgeOptions(reading: $0) } ?? BridgeOptions()
        let here = FileManager.default.currentDirectoryPath
        if !options.state.hasPrefix("/") { options.state = "\(here)/\(options.state)" }
        if let state { options.state = URL(fileURLWithPath: state).path }
        if let listen { options.listen = try value(listen, "--listen", "127.0.0.1:8900", ListenAddress.init) }
        if let sandbox { options.worker.sandbox = try choice(sandbox, "--sandbox") }
        if let record { options.ledger.record = try choice(record, "--record") }
        if let logLevel { options.logLevel = try choice(logLevel, "--log-level") }
        try applyEnvironment(to: &options, folder: here)
        return options
    }

    private func applyEnvironment(to options: inout BridgeOptions, folder: String) throws {
        let isTouched =
            env != nil || rubric != nil || python != nil || runtime != nil || !view.isEmpty || consumer != nil
            || breakdown
        if options.environments.isEmpty {
            options.environments = [EnvironmentOptions()]
            options.isSingle = true
        }
        guard isTouched || !command.isEmpty else { return try checkURLs(options) }
        guard options.environments.count == 1 else {
            throw BridgeError(
                .configuration,
                "could not apply --env, --rubric, --python, --runtime, --view, --consumer, --breakdown or a command: the configuration "
                    + "has several environments",
                hint: "write them into the configuration, below the environment that they are for"
            )
        }
        var environment = options.environments[0]
        if let env { environment.url = try EnvironmentURL(env) }
        if let rubric { environment.rubric = try RubricSource(rubric, folder: folder) }
        if let python { environment.python = python }
        if let runtime { environment.runtime = try choice(runtime, "--runtime") }
        if let consumer { environment.attachment.consumer = try choice(consumer, "--consumer") }
        if breakdown { environment.attachment.breakdown = true }
        try environment.view.apply(view)
        options.environments = [environment]
        try checkURLs(options)
    }

    private func checkURLs(_ options: BridgeOptions) throws {
        guard command.isEmpty, options.environments.contains(where: { $0.url == nil }) else { return }
        throw BridgeError(
            .configuration,
            "could not serve: no environment is named",
            hint:
                "add --env http://127.0.0.1:8000, or a command that starts it: -- uvicorn server.app:app --port {port}"
        )
    }

    private func choice<Value: RawRepresentable & CaseIterable>(_ text: String, _ option: String) throws -> Value
    where Value.RawValue == String {
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return try value(text, option, known, Value.init(rawValue:))
    }

    private func value<Value>(_ text: String, _ option: String, _ fits: String, _ make: (String) -> Value?) throws
        -> Value
    {
        guard let value = make(text) else {
            throw BridgeError(.configuration, "could not read \(option) '\(text)'", hint: "write for example: \(fits)")
        }
        return value
    }
}

extension RecordView {
    /// Adds inputs given as `name=pointer`; names other than the view's own are columns.
    mutating func apply(_ texts: [String]) throws {
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw BridgeError(
                    .configuration,
                    "could not read --view '\(text)': not of the form INPUT=POINTER",
                    hint: "write for example completion=/action/message"
                )
            }
            try set(parts[0], parts[1])
        }
    }

    private mutating func set(_ name: String, _ text: String) throws {
        if name == "messages", text == "turns" {
            messages = .turns
            return
        }
        let pointer = try ViewPointer(text)
        switch name {
        case "prompt": prompt = pointer
        case "completion": completion = pointer
        case "answer": answer = pointer
        case "reply": reply = pointer
        case "messages": messages = .pointer(pointer)
        default: columns[name] = pointer
        }
    }
}
