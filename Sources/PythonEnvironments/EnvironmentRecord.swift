package import Foundation

/// What was installed into a virtual environment: its `rewardbridge-env.json`, written last, so that an environment
/// without it is known to be half-made.
package struct EnvironmentRecord: Sendable, Hashable, Codable {
    /// The format's name.
    package var schema = "rewardbridge-env/1"
    package var name: String
    /// Names of the adapters that it was made for.
    package var adapters: [String]
    package var requirements: [String]
    package var withoutDependencies: [String]
    /// For example `3.11.7`.
    package var python: String
    /// Versions by name of all that was installed then, but for pip.
    package var packages: [String: String]
    /// To the second.
    package var createdAt: Date

    package static let fileName = "rewardbridge-env.json"

    enum CodingKeys: String, CodingKey {
        case schema
        case name
        case adapters
        case requirements
        case withoutDependencies = "without_dependencies"
        case python
        case packages
        case createdAt = "created_at"
    }

    package init(name: String, plan: EnvironmentPlan, installed: InstalledPackages, createdAt: Date) {
        self.name = name
        adapters = plan.names
        requirements = plan.requirements
        withoutDependencies = plan.withoutDependencies
        python = installed.python
        packages = installed.packages
        self.createdAt = createdAt
    }

    init(reading data: Data) throws {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        self = try decoder.decode(EnvironmentRecord.self, from: data)
    }

    func data() throws -> Data {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .iso8601
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// How to make it anew.
    package var recipe: String { "rewardbridge env create \(name) --for \(adapters.joined(separator: ",")) --force" }

    /// What is not installed any more as it was, a phrase each, sorted.
    package func differences(from installed: InstalledPackages) -> [String] {
        packages.sorted { $0.key < $1.key }.compactMap { name, version in
            guard let found = installed.packages[name] else { return "\(name) \(version) is gone" }
            return found == version ? nil : "\(name) is \(found), was \(version)"
        }
    }
}
