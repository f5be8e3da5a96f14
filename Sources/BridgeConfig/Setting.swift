import RewardModel

/// One setting of a section: the only place that knows its name, how it is read and what the manual says of it.
struct Setting<Section: Sendable>: Sendable {
    let name: String
    let type: String
    let summary: String
    /// The value in a section, as text; empty for none.
    let text: @Sendable (Section) -> String
    let read: @Sendable (ConfigNode, inout Section) throws -> Void
    /// The manual's entries for the settings below, when the value is a section.
    let below: [ManualEntry]

    /// A setting whose reading fits no other form.
    init(
        _ name: String,
        type: String,
        _ summary: String,
        below: [ManualEntry] = [],
        text: @escaping @Sendable (Section) -> String = { _ in "" },
        read: @escaping @Sendable (ConfigNode, inout Section) throws -> Void
    ) {
        self.name = name
        self.type = type
        self.summary = summary
        self.below = below
        self.text = text
        self.read = read
    }

    /// - Parameter refuse: the reason to refuse a value for; nil accepts it.
    init<Value: SettingValue>(
        _ name: String,
        _ path: any WritableKeyPath<Section, Value> & Sendable,
        _ summary: String,
        below: [ManualEntry] = [],
        refuse: (@Sendable (Value) -> String?)? = nil
    ) {
        self.init(name, type: Value.typeText, summary, below: below, text: { $0[keyPath: path].settingText }) {
            let value = try Value($0)
            if let reason = refuse?(value) { throw $0.unfit(reason) }
            $1[keyPath: path] = value
        }
    }

    /// A setting with a least and a greatest value.
    init<Value: SettingValue & Comparable>(
        _ name: String,
        _ path: any WritableKeyPath<Section, Value> & Sendable,
        in range: ClosedRange<Value>,
        _ summary: String
    ) {
        self.init(name, path, summary) { value in
            range.contains(value)
                ? nil
                : "\(value.settingText) is not from \(range.lowerBound.settingText) to \(range.upperBound.settingText)"
        }
    }

    /// A path that is relative to the file.
    init(
        path name: String,
        _ path: any WritableKeyPath<Section, String?> & Sendable,
        _ summary: String
    ) {
        self.init(name, type: "path", summary, text: { $0[keyPath: path] ?? "" }) {
            $1[keyPath: path] = $0.file.resolve(try String($0))
        }
    }

    /// A Python executable or a virtual environment: a path, or a bare name to look up in `PATH`.
    init(
        python name: String,
        _ path: any WritableKeyPath<Section, String?> & Sendable,
        _ summary: String
    ) {
        self.init(name, type: "path or name", summary, text: { $0[keyPath: path] ?? "" }) {
            let text = try String($0)
            $1[keyPath: path] = text.contains("/") || text.hasPrefix(".") ? $0.file.resolve(text) : text
        }
    }

    /// A section of its own.
    init<Value: SettingSection>(
        section name: String,
        _ path: any WritableKeyPath<Section, Value> & Sendable,
        _ summary: String
    ) {
        self.init(name, path, summary, below: Value.manual(under: name))
    }
}

/// A mapping with a fixed set of keys.
protocol SettingSection: SettingValue {
    static var settings: [Setting<Self>] { get }

    /// The section with all defaults.
    init()
}

extension SettingSection {
    static var typeText: String { "section" }

    init(_ node: ConfigNode) throws {
        try self.init(section: node)
    }

    init(section node: ConfigNode) throws {
        self.init()
        for member in try node.members() {
            try Self.settings.read(member.name, member.value, into: &self)
        }
    }

    var settingText: String { "" }

    static func manual(under prefix: String = "") -> [ManualEntry] {
        settings.manual(of: Self(), under: prefix)
    }
}

extension Array {
    /// Reads one member of a section's mapping.
    func read<Section>(_ name: String, _ node: ConfigNode, into section: inout Section) throws
    where Element == Setting<Section> {
        guard let setting = first(where: { $0.name == name }) else { throw node.unknownKey(among: map(\.name)) }
        try setting.read(node, &section)
    }

    func manual<Section>(of section: Section, under prefix: String) -> [ManualEntry]
    where Element == Setting<Section> {
        flatMap { setting in
            let name = prefix.isEmpty ? setting.name : "\(prefix).\(setting.name)"
            let entry = ManualEntry(
                name: name,
                type: setting.type,
                initial: setting.text(section),
                summary: setting.summary
            )
            return [entry] + setting.below.map { $0.moved(under: prefix) }
        }
    }
}

/// One line of the manual.
struct ManualEntry: Sendable {
    var name: String
    var type: String
    /// The default; empty for none.
    var initial: String
    var summary: String

    func moved(under prefix: String) -> ManualEntry {
        guard !prefix.isEmpty else { return self }
        var entry = self
        entry.name = "\(prefix).\(name)"
        return entry
    }
}
