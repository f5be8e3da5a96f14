import ArgumentParser

/// `rewardbridge serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Stand in front of an environment and score its steps.",
        discussion: """
            Examples:
              rewardbridge serve --env http://127.0.0.1:8000
                  relays; nothing is scored and no byte is changed

              rewardbridge serve --env http://127.0.0.1:8000 --rubric python:rewards.py:score
                  def score(action, observation) in rewards.py gives the rewards

              rewardbridge serve --config bridge.yaml
                  several environments, views, task data, limits: docs/configuration.md

              rewardbridge serve --rubric python:rewards.py:score -- uvicorn server.app:app --port {port}
                  starts the environment too, waits for its /health, and ends with its exit status

            SIGTERM and SIGINT stop it gracefully: steps in flight finish, clients get close code 1012. A second signal \
            ends it at once.
            """
    )

    @OptionGroup var arguments: ServeArguments

    func run() async throws {
        let options = try arguments.options()
        try await BridgeServer(options: options, command: arguments.command).run()
    }
}
