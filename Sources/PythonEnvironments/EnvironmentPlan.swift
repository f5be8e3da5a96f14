import RewardModel

/// What a virtual environment is to hold.
package struct EnvironmentPlan: Sendable, Hashable {
    package let adapters: [AdapterEntry]
    /// For pip; each once, in the adapters' order.
    package let requirements: [String]
    /// Installed after these, without what they ask for.
    package let withoutDependencies: [String]

    /// - Throws: ``BridgeError`` (`.configuration`) when nobody knows what one of them needs.
    package init(for adapters: [AdapterEntry]) throws {
        self.adapters = adapters
        let abouts = try adapters.map(Self.known)
        // Workers read and write JSON several times faster with orjson.
        requirements = Self.unique(abouts.flatMap(\.requirements) + ["orjson"])
        withoutDependencies = Self.unique(abouts.flatMap(\.withoutDependencies))
    }

    package var names: [String] { adapters.map(\.name) }

    /// Why a version of Python will not do; nil: it will.
    package func objection(to version: String) -> String? {
        let unfit = adapters.first { $0.about?.python.contains(version) == false }
        return unfit.map { "adapter '\($0.name)' needs Python \($0.about?.python.description ?? "")" }
    }

    private static func known(_ adapter: AdapterEntry) throws -> AdapterEntry.About {
        if let about = adapter.about { return about }
        throw BridgeError(
            .configuration,
            "could not tell what adapter '\(adapter.name)' needs: it is installed from elsewhere",
            hint: "install it and its library by hand into a virtual environment of yours, and name that"
        )
    }

    private static func unique(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        return words.filter { seen.insert($0).inserted }
    }
}
