package import JSONBytes

/// A JSON value that has exactly one text: keys sorted by their UTF-8 bytes, no white space, shortest numbers.
///
/// For settings and digests, not for traffic.
package indirect enum CanonicalJSON: Sendable, Hashable {
    case null
    case bool(Bool)
    case integer(Int)
    /// Finite.
    case number(Double)
    case string(String)
    case array([CanonicalJSON])
    case object([String: CanonicalJSON])

    package var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    package var json: RawJSON { RawJSON(text: text) }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += String(value)
        case .number(let value): text += "\(value)"
        case .string(let value): Self.write(string: value, to: &text)
        case .array(let values): Self.write(list: values, between: "[", "]", to: &text) { $0.write(to: &$1) }
        case .object(let members):
            let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            Self.write(list: sorted, between: "{", "}", to: &text) { member, text in
                Self.write(string: member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
        }
    }

    private static func write<Item>(
        list: [Item],
        between open: String,
        _ close: String,
        to text: inout String,
        item write: (Item, inout String) -> Void
    ) {
        text += open
        for (index, item) in list.enumerated() {
            if index > 0 { text += "," }
            write(item, &text)
        }
        text += close
    }

    /// RFC 8259 section 7: quotation mark, backslash and control characters are escaped, and nothing else.
    private static func write(string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                text += scalar.value < 0x10 ? "\\u000" : "\\u00"
                text += String(scalar.value, radix: 16)
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
