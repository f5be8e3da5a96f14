/// Where a gate listens, with the word that opens it.
package struct GateAddress: Sendable, Hashable {
    package let host: String
    package let port: Int
    /// Known to the rubrics that were given a base URL, and not to other users of the machine: whoever knows it can
    /// spend the judges' keys.
    let token: String

    /// What a rubric is given as its judge's base URL.
    package func baseURL(of judge: String) -> String { "http://\(host):\(port)/\(token)/\(judge)/v1" }

    static func mintToken() -> String {
        var random = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(random.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
