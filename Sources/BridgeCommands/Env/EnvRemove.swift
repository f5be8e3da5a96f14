import ArgumentParser
import PythonEnvironments

/// `rewardbridge env remove`
struct EnvRemove: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a virtual environment.",
        discussion: "A bridge that runs rubrics in it has to be stopped before."
    )

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup var place: StateArguments

    func run() async throws {
        try place.options().virtualEnvironments.remove(name)
    }
}
