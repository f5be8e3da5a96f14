import RewardModel

extension SettingValue where Self: CaseIterable & RawRepresentable, RawValue == String {
    static var typeText: String { allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ") }

    init(_ node: ConfigNode) throws {
        let words = Self.allCases.map(\.rawValue)
        guard let text = node.scalar, let value = Self(rawValue: text) else {
            let nearest = node.scalar.flatMap { Suggestion.nearest(to: $0, among: words) }
            throw node.unfit(
                "not one of \(words.joined(separator: ", "))",
                hint: nearest.map { "did you mean '\($0)'?" }
            )
        }
        self = value
    }

    var settingText: String { rawValue }
}

extension BeforeScore: SettingValue {}
extension ComponentRole: SettingValue {}
extension Consumer: SettingValue {}
extension CreditMethod: SettingValue {}
extension Delivery: SettingValue {}
extension Durability: SettingValue {}
extension EpisodeReduce: SettingValue {}
extension Fold: SettingValue {}
extension Recording: SettingValue {}
extension RuntimeChoice: SettingValue {}
extension Sandbox: SettingValue {}
extension ScoringUnit: SettingValue {}

extension FailureDelivery: SettingValue {
    static let typeText = "`error`, `null`, `env`, `constant: NUMBER`"

    init(_ node: ConfigNode) throws {
        if let number = node.member(named: "constant") {
            self = .constant(try Double(number))
        } else if let text = node.scalar, let value = FailureDelivery(text) {
            self = value
        } else {
            throw node.unfit("not one of error, null, env, constant: NUMBER")
        }
    }

    var settingText: String { description }
}

extension AbsentRule: SettingValue {
    static let typeText = "`fail`, `skip`, `default: NUMBER`"

    init(_ node: ConfigNode) throws {
        if let number = node.member(named: "default") {
            self = .substitute(try Double(number))
        } else if let text = node.scalar, let value = AbsentRule(text) {
            self = value
        } else {
            throw node.unfit("not one of fail, skip, default: NUMBER")
        }
    }

    var settingText: String { description }
}

extension ScoreRange: SettingValue {
    static let typeText = "`[LOWEST, HIGHEST]`"

    /// `.inf` and `-.inf`, YAML's infinities, leave a side open.
    init(_ node: ConfigNode) throws {
        let ends = try node.elements().map { end in
            switch end.scalar {
            case ".inf", "+.inf": Double.infinity
            case "-.inf": -Double.infinity
            default: try Double(end)
            }
        }
        guard ends.count == 2, let range = ScoreRange(ends[0], ends[1]) else {
            throw node.unfit("not two numbers in order", hint: "write for example [0, 1]")
        }
        self = range
    }

    var settingText: String { "[\(lower), \(upper)]" }
}

extension ViewPointer: SettingValue {
    static let typeText = "pointer"

    init(_ node: ConfigNode) throws {
        self = try node.located(ViewPointer.init, try String(node))
    }

    var settingText: String { description }
}

extension EnvironmentURL: SettingValue {
    static let typeText = "URL"

    init(_ node: ConfigNode) throws {
        self = try node.located(EnvironmentURL.init, try String(node))
    }

    var settingText: String { description }
}

extension ComponentReference: SettingValue {
    static let typeText = "`ADAPTER:TARGET`"

    init(_ node: ConfigNode) throws {
        self = try node.located(ComponentReference.init, try String(node))
    }

    var settingText: String { description }
}

extension MessagesView: SettingValue {
    static let typeText = "`turns` or a pointer"

    init(_ node: ConfigNode) throws {
        self = node.scalar == "turns" ? .turns : .pointer(try ViewPointer(node))
    }

    var settingText: String {
        switch self {
        case .turns: "turns"
        case .pointer(let pointer): pointer.description
        }
    }
}

extension CanonicalJSON: SettingValue {
    static let typeText = "any value"

    /// Plain values are read by YAML 1.2's core schema: `yes` is a text.
    init(_ node: ConfigNode) throws {
        if node.isMapping {
            self = .object(try [String: CanonicalJSON](node))
        } else if node.isList {
            self = .array(try [CanonicalJSON](node))
        } else if let text = node.plainScalar {
            guard let value = CanonicalJSON.plain(text) else {
                throw node.unfit("not finite, which JSON has no text for")
            }
            self = value
        } else if let text = node.scalar {
            self = .string(text)
        } else {
            throw node.unfit("not a value")
        }
    }

    /// - Returns: nil for YAML's infinities and for what is no number.
    private static func plain(_ text: String) -> CanonicalJSON? {
        switch text {
        case ".inf", "+.inf", "-.inf", ".nan": return nil
        case "", "~", "null": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        if let value = Int(text) { return .integer(value) }
        // Swift also takes "nan", "inf" and hexadecimal floats, which YAML reads as text.
        let isNumber = text.allSatisfy { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
        if isNumber, let value = Double(text), value.isFinite { return .number(value) }
        return .string(text)
    }

    var settingText: String { text }
}
