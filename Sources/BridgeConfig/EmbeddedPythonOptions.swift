/// How the interpreter inside the bridge is run.
package struct EmbeddedPythonOptions: Sendable, Hashable {
    package var callTimeout = Duration.seconds(1)
    package var wedgedAfter = Duration.seconds(5)
    package var loadTimeout = Duration.seconds(60)
    package var queueMax = 10_000

    package init() {}
}

extension EmbeddedPythonOptions: SettingSection {
    static let settings: [Setting<EmbeddedPythonOptions>] = [
        Setting("call_timeout", \.callTimeout, in: .positive, "How long a call may run before it is interrupted."),
        Setting(
            "wedged_after",
            \.wedgedAfter,
            in: .positive,
            "How long an interrupted call may go on before the interpreter is given up."
        ),
        Setting("load_timeout", \.loadTimeout, in: .positive, "How long loading a component may take."),
        Setting("queue_max", \.queueMax, in: 1...10_000_000, "Calls that wait or run; more are `overloaded`."),
    ]
}
