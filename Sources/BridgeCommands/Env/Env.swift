import ArgumentParser

/// `rewardbridge env`
struct Env: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make virtual environments for reward libraries.",
        discussion: """
            A rubric runs in one with `python: NAME` in its file or in bridge.yaml, or with `--python NAME`.

            Examples:
              rewardbridge env create maths --for math_verify
              rewardbridge env create judges --for verifiers,ragas --python python3.12
              rewardbridge env list
              rewardbridge env remove maths
            """,
        subcommands: [EnvCreate.self, EnvList.self, EnvRemove.self],
        defaultSubcommand: EnvList.self
    )
}
