package import JSONBytes

/// An adapter, as the catalogue of the Python half tells it.
package struct AdapterEntry: Sendable, Hashable {
    package let name: String
    /// nil: somebody else's adapter, of which no more than the name is known.
    package let about: About?
    /// All of it, as the catalogue wrote it.
    package let json: RawJSON

    package struct About: Sendable, Hashable {
        /// As people call it.
        package let library: String
        package let units: [String]
        /// What an environment and its client must send: `as it is`, `with task data`, `offline`.
        package let live: String
        /// For pip.
        package let requirements: [String]
        /// Installed after the others, without what they ask for.
        package let withoutDependencies: [String]
        package let python: PythonRange
        /// The version that its scores were compared with; empty where there is none.
        package let tested: String
        /// Whether it may run embedded, beside workers.
        package let isEmbeddable: Bool
        /// The library's version in the Python that was asked.
        package let installed: String?
    }
}

extension AdapterEntry {
    /// - Returns: nil when the catalogue is of another form.
    init?(_ json: RawJSON) {
        guard let name = json.member("name")?.string() else { return nil }
        self.init(name: name, about: json.member("library") == nil ? nil : About(json), json: json)
        guard json.member("library") == nil || about != nil else { return nil }
    }
}

extension AdapterEntry.About {
    fileprivate init?(_ json: RawJSON) {
        guard
            let library = json.member("library")?.string(),
            let live = json.member("live")?.string(),
            let python = json.member("python")?.string().flatMap(PythonRange.init),
            let units = json.member("units")?.strings(),
            let requirements = json.member("requirements")?.strings(),
            let withoutDependencies = json.member("without_dependencies")?.strings()
        else { return nil }
        self.init(
            library: library,
            units: units,
            live: live,
            requirements: requirements,
            withoutDependencies: withoutDependencies,
            python: python,
            tested: json.member("tested")?.string() ?? "",
            isEmbeddable: json.member("embedded")?.bool() ?? false,
            installed: json.member("installed")?.string()
        )
    }
}

extension RawJSON {
    fileprivate func strings() -> [String]? { elements()?.compactMap { $0.string() } }
}
