import RewardModel

/// A type that a setting can have: how it is read, and how the manual writes it.
protocol SettingValue: Sendable {
    /// What the manual calls the type.
    static var typeText: String { get }

    /// - Throws: ``BridgeError`` (`.configuration`) with file, line and key.
    init(_ node: ConfigNode) throws

    /// The value as the manual writes it.
    var settingText: String { get }
}

extension Bool: SettingValue {
    static let typeText = "true or false"

    init(_ node: ConfigNode) throws {
        switch node.scalar {
        case "true": self = true
        case "false": self = false
        default: throw node.unfit("not true or false")
        }
    }

    var settingText: String { self ? "true" : "false" }
}

extension Int: SettingValue {
    static let typeText = "whole number"

    init(_ node: ConfigNode) throws {
        guard let text = node.scalar, let value = Int(text) else { throw node.unfit("not a whole number") }
        self = value
    }

    var settingText: String { String(self) }
}

extension Double: SettingValue {
    static let typeText = "number"

    init(_ node: ConfigNode) throws {
        guard let text = node.scalar, let value = Double(text), value.isFinite else {
            throw node.unfit("not a finite number")
        }
        self = value
    }

    var settingText: String { "\(self)" }
}

extension String: SettingValue {
    static let typeText = "text"

    init(_ node: ConfigNode) throws {
        guard let text = node.scalar, !text.isEmpty else { throw node.unfit("not a text") }
        self = text
    }

    var settingText: String { self }
}

extension Duration: SettingValue {
    static let typeText = "duration"

    init(_ node: ConfigNode) throws {
        guard let text = node.scalar, let value = DurationText.parse(text) else {
            throw node.unfit("not a duration", hint: "write a number with a unit, such as 250ms, 5s or 2m")
        }
        self = value
    }

    var settingText: String { DurationText.text(self) }
}

extension ByteCount: SettingValue {
    static let typeText = "size"

    init(_ node: ConfigNode) throws {
        guard let text = node.scalar, let value = ByteCount(text) else {
            throw node.unfit("not a size", hint: "write a whole number with a unit, such as 64KiB, 16MiB or 8MB")
        }
        self = value
    }

    var settingText: String { description }
}

extension Optional: SettingValue where Wrapped: SettingValue {
    static var typeText: String { Wrapped.typeText }

    init(_ node: ConfigNode) throws {
        self = try Wrapped(node)
    }

    var settingText: String { map(\.settingText) ?? "" }
}

extension Array: SettingValue where Element: SettingValue {
    static var typeText: String { "list of \(Element.typeText)" }

    init(_ node: ConfigNode) throws {
        self = try node.elements().map(Element.init)
    }

    var settingText: String { isEmpty ? "" : map(\.settingText).joined(separator: ", ") }
}

extension Dictionary: SettingValue where Key == String, Value: SettingValue {
    static var typeText: String { "names with \(Value.typeText)" }

    init(_ node: ConfigNode) throws {
        // The parser refuses keys that repeat.
        self = Dictionary(
            uniqueKeysWithValues: try node.members().map { ($0.name, try Value($0.value)) }
        )
    }

    var settingText: String { isEmpty ? "" : keys.sorted().joined(separator: ", ") }
}
