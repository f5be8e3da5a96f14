package import JSONBytes
import RewardModel

extension ComponentDescription {
    /// Reads the `description` of a `loaded` message (RFC 002).
    package init(reading json: RawJSON) throws(ProtocolBreach) {
        guard let unit = json.member("unit")?.string().flatMap(ScoringUnit.init) else {
            throw ProtocolBreach("a description without a known 'unit'")
        }
        let needs = json.strings("needs")
        let fields = Set(needs.compactMap(RecordField.init))
        guard fields.count == Set(needs).count else { throw ProtocolBreach("a description with unknown 'needs'") }
        guard let library = json.member("library"), let name = library.member("name")?.string() else {
            throw ProtocolBreach("a description without 'library'")
        }
        self.init(
            unit: unit,
            needs: fields,
            columns: json.strings("columns"),
            isStateful: json.flag("stateful") ?? false,
            isAsynchronous: json.flag("async") ?? false,
            isElementwise: json.flag("elementwise") ?? false,
            scoresPrefixes: json.flag("prefix") ?? false,
            isDeterministic: json.flag("deterministic"),
            isBounded: json.flag("bounded") ?? false,
            isPlacementFree: json.flag("placement_free") ?? false,
            isMutable: json.flag("mutable") ?? false,
            range: try Self.range(json.member("range")),
            components: json.strings("components"),
            library: Library(name: name, version: library.member("version")?.string() ?? ""),
            distributions: try Self.distributions(json.member("distributions")),
            modules: json.strings("modules").sorted()
        )
    }

    /// Reads a `loaded` message: the description, and what it took to get there.
    ///
    /// - Parameter members: of the message.
    package init(loaded members: [String: RawJSON]) throws(ProtocolBreach) {
        guard let description = members["description"] else { throw ProtocolBreach("'loaded' without 'description'") }
        try self.init(reading: description)
        loadCost = LoadCost(
            duration: members["load_ms"]?.int().map { .milliseconds($0) },
            memory: members["rss_kib"]?.int().map { $0 << 10 }
        )
    }

    private static func range(_ json: RawJSON?) throws(ProtocolBreach) -> ScoreRange? {
        guard let json, !json.isNull else { return nil }
        let ends = json.elements()?.compactMap { $0.double() } ?? []
        guard ends.count == 2, let range = ScoreRange(ends[0], ends[1]) else {
            throw ProtocolBreach("a description with a 'range' that is none")
        }
        return range
    }

    private static func distributions(_ json: RawJSON?) throws(ProtocolBreach) -> [Distribution] {
        var distributions: [Distribution] = []
        for element in json?.elements() ?? [] {
            guard let name = element.member("name")?.string(), let version = element.member("version")?.string() else {
                throw ProtocolBreach("a distribution without name or version")
            }
            let digest = element.member("record_sha256")?.string()
            distributions.append(Distribution(name: name, version: version, recordSHA256: digest))
        }
        return distributions.sorted { $0.name < $1.name }
    }
}

extension RawJSON {
    /// The strings of an array member; empty when there is none.
    fileprivate func strings(_ name: String) -> [String] {
        member(name)?.elements()?.compactMap { $0.string() } ?? []
    }

    fileprivate func flag(_ name: String) -> Bool? {
        member(name)?.bool()
    }
}
