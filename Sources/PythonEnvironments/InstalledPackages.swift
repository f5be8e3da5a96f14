import JSONBytes
import RewardModel

/// What a Python holds, as it tells itself.
package struct InstalledPackages: Sendable, Hashable {
    /// Its version.
    package let python: String
    /// Versions by name.
    package let packages: [String: String]
    /// Why adapters do not load, by their names.
    package let failures: [String: String]

    init(python: String, packages: [String: String], failures: [String: String]) {
        self.python = python
        self.packages = packages
        self.failures = failures
    }

    /// The same as phrases, sorted.
    package var loadFailures: [String] {
        failures.sorted { $0.key < $1.key }.map { "adapter '\($0.key)' does not load: \($0.value)" }
    }

    /// Asks a Python once, and lets it load these adapters.
    /// - Throws: ``BridgeError`` (`.python`) when it does not run or does not answer in time.
    package static func read(_ python: AdapterPython, adapters: [String]) async throws -> InstalledPackages {
        let answer = try await python.ask("rewardbridge.installed", adapters)
        guard
            let version = answer.member("python")?.string(),
            let packages = answer.member("packages")?.memberTable(),
            let failures = answer.member("failures")?.memberTable()
        else { throw python.unreadable("rewardbridge.installed") }
        return InstalledPackages(
            python: version,
            packages: packages.compactMapValues { $0.string() },
            failures: failures.compactMapValues { $0.string() }
        )
    }
}
