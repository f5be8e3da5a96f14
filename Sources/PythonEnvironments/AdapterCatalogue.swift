import BridgeConfig
import JSONBytes
import RewardModel

/// The adapters that there are, and what of their libraries one Python has.
package struct AdapterCatalogue: Sendable, Hashable {
    /// The version of the Python that was asked.
    package let python: String
    /// By name, the built-in ones first.
    package let adapters: [AdapterEntry]

    /// - Returns: nil when the catalogue is of another form.
    init?(_ json: RawJSON) {
        guard let python = json.member("python")?.string(), let listed = json.member("adapters")?.elements() else {
            return nil
        }
        adapters = listed.compactMap(AdapterEntry.init)
        guard adapters.count == listed.count else { return nil }
        self.python = python
    }

    /// Asks a Python once.
    /// - Throws: ``BridgeError`` (`.python`) when it does not run or does not answer in time.
    package static func read(_ python: AdapterPython) async throws -> AdapterCatalogue {
        let module = "rewardbridge.catalogue"
        guard let catalogue = AdapterCatalogue(try await python.ask(module)) else { throw python.unreadable(module) }
        return catalogue
    }

    /// Those of these names, each once, in the names' order.
    /// - Throws: ``BridgeError`` (`.configuration`) when there is none of a name.
    package func adapters(named names: [String]) throws -> [AdapterEntry] {
        var found: [AdapterEntry] = []
        for name in names {
            guard let adapter = adapters.first(where: { $0.name == name }) else { throw unknown(name) }
            if !found.contains(adapter) { found.append(adapter) }
        }
        return found
    }

    private func unknown(_ name: String) -> BridgeError {
        let names = adapters.map(\.name)
        return BridgeError(
            .configuration,
            "could not find adapter '\(name)': there are \(names.joined(separator: ", "))",
            hint: Suggestion.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
                ?? "see what each is for with: rewardbridge adapters"
        )
    }
}
