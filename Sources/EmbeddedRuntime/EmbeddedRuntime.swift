package import AdapterSeam
import JSONBytes
package import Logging
package import PythonEmbedding
import RewardModel

/// Runs components in the bridge's own process, in one interpreter on its main thread.
///
/// For rubrics that declare themselves bounded. They share the process with each other and with the bridge: nothing
/// bounds their memory, and a call that cannot be interrupted takes the interpreter, though not the bridge, with it.
package final class EmbeddedRuntime: ComponentRuntime {
    private let place: InterpreterPlace
    private let home: @Sendable (_ executable: String) async throws -> PythonHome

    /// - Parameter home: asks an executable what it is.
    package init(
        _ options: EmbeddedOptions,
        python: PythonThread = .main,
        logger: Logger = Logger(label: "rewardbridge.embedded"),
        home: @escaping @Sendable (_ executable: String) async throws -> PythonHome
    ) {
        place = InterpreterPlace(options, python: python, logger: logger)
        self.home = home
    }

    /// Whether a call that could not be ended took the interpreter.
    package var isGivenUp: Bool { place.isGivenUp }

    /// - Throws: ``BridgeError``: `.rubric` when the component refuses, `.python` when the Python cannot be embedded, is
    ///   another than the one that is embedded already, or was given up.
    package func load(_ component: ComponentSource) async throws -> any LoadedComponent {
        let home = try await home(component.python)
        let number = place.newNumber()
        let timeout = place.options.loadTimeout
        let answer = try await place.runToEnd { [place] interpreter, _ in
            let host = try place.start(home, interpreter)
            return try host.load(component, as: number, until: MonotonicClock.instant(after: timeout))
        }
        guard answer.member("type")?.string() == "loaded", let description = answer.member("description") else {
            throw ComponentRefusal(reading: answer).error(component)
        }
        do {
            let loaded = EmbeddedComponent(try ComponentDescription(reading: description), number: number, in: place)
            try Task.checkCancellation()
            return loaded
        } catch {
            await place.retire(number)
            throw error
        }
    }
}
