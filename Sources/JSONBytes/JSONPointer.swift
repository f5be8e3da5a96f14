/// A path into a JSON value (RFC 6901).
package struct JSONPointer: Sendable, Hashable, CustomStringConvertible {
    /// The reference tokens, escapes resolved; none points at the whole value.
    package let tokens: [String]
    /// The pointer as it was written.
    package let description: String

    /// - Returns: nil unless the text is empty or begins with `/`, and each `~` is followed by `0` or `1`.
    package init?(_ text: String) {
        // By bytes: a `/` with a combining character after it is still a `/`.
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.first?.isEmpty == true else { return nil }
        var tokens: [String] = []
        for part in parts.dropFirst() {
            guard let token = Self.token(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
        self.description = text
    }

    private static func token(_ escaped: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = escaped[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                bytes.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): bytes.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): bytes.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The value pointed at, sharing storage; of members of one name the last.
    ///
    /// - Returns: nil when there is none. `-`, the element after an array's last, never is.
    package func select(in value: RawJSON) -> RawJSON? {
        var value = value
        for token in tokens {
            guard let next = Self.child(token, of: value) else { return nil }
            value = next
        }
        return value
    }

    private static func child(_ token: String, of value: RawJSON) -> RawJSON? {
        switch value.kind {
        case .object: value.member(token)
        case .array: index(token).flatMap(value.element(at:))
        default: nil
        }
    }

    /// RFC 6901 section 4: digits without leading zeros.
    private static func index(_ token: String) -> Int? {
        guard token == "0" || token.first != "0", token.utf8.allSatisfy({ $0 &- .zero < 10 }) else { return nil }
        return Int(token)
    }
}
