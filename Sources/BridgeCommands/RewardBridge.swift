import ArgumentParser

/// `rewardbridge`: the root of all verbs.
struct RewardBridge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewardbridge",
        abstract: "Rewards from any reward library, on an unmodified OpenEnv environment.",
        discussion: """
            Stands in front of an OpenEnv environment, relays everything byte for byte, and puts on each step result \
            the reward that your rubric computed.

            Start here:
              rewardbridge serve --env http://127.0.0.1:8000 --rubric python:rewards.py:score
              rewardbridge check python:rewards.py:score
              rewardbridge doctor --env http://127.0.0.1:8000

            Exit status: 0 done, 1 failed, 2 a setting or a rubric is wrong, 64 wrong usage.
            """,
        version: BridgeVersion.text,
        subcommands: [
            Serve.self, Check.self, Adapters.self, Env.self, Doctor.self, Sessions.self, Generate.self,
        ]
    )

}

package enum BridgeVersion {
    package static let text = "0.1.0"
}
