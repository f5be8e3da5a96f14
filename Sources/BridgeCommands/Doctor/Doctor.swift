import ArgumentParser
import BridgeConfig
import JSONBytes
import NIOCore
import NIOPosix
import RewardModel

/// `rewardbridge doctor`
struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what is missing on this machine, and how to mend it.",
        discussion: """
            Looks at Python, the adapters, bubblewrap, the state folder, the virtual environments in it, the port, and the \
            environment; over HTTP only: no session is opened.

            Examples:
              rewardbridge doctor
              rewardbridge doctor --env http://127.0.0.1:8000 --python .venv
              rewardbridge doctor --config bridge.yaml --json
            """
    )

    @OptionGroup var place: StateArguments

    @Option(help: ArgumentHelp("An environment to look at.", valueName: "url"))
    var env: String?

    @Option(help: ArgumentHelp("Python or virtual environment.", valueName: "path or name"))
    var python: String?

    @Flag(help: "One JSON object a finding.")
    var json = false

    func run() async throws {
        var options = try place.options()
        if let env {
            var environment = EnvironmentOptions()
            environment.url = try EnvironmentURL(env)
            environment.python = python
            options.environments = [environment]
        }
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let findings = await DoctorChecks(options: options, python: python, loop: loops.next()).run()
        for finding in findings { Terminal.print(json ? finding.json.text : finding.text) }
        try? await loops.shutdownGracefully()
        if findings.contains(where: { $0.level == .problem }) { throw ExitCode(1) }
    }
}

/// One thing that was looked at.
struct Finding: Sendable {
    enum Level: String, Sendable {
        case good = "ok"
        /// Works, but not as well as it could.
        case warning
        case problem
    }

    let level: Level
    let subject: String
    let message: String
    let hint: String?

    static func good(_ subject: String, _ message: String) -> Finding {
        Finding(level: .good, subject: subject, message: message, hint: nil)
    }

    static func warning(_ subject: String, _ message: String, hint: String) -> Finding {
        Finding(level: .warning, subject: subject, message: message, hint: hint)
    }

    static func problem(_ subject: String, _ error: any Error) -> Finding {
        guard let error = error as? BridgeError else {
            return Finding(level: .problem, subject: subject, message: "\(error)", hint: nil)
        }
        return Finding(level: .problem, subject: subject, message: error.message, hint: error.hint)
    }

    var text: String {
        let mark = level.rawValue + String(repeating: " ", count: 8 - level.rawValue.count)
        return "\(mark) \(subject): \(message)" + (hint.map { "\n         hint: \($0)" } ?? "")
    }

    var json: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("level", level.rawValue)
        writer.member("subject", subject)
        writer.member("message", message)
        writer.member("hint", hint)
        writer.endObject()
        return writer.finish()
    }
}
