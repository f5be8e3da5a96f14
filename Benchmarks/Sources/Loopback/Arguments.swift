/// `--name value` pairs.
package struct Arguments {
    private var values: [String: String] = [:]

    /// - Throws: ``Failure`` when the command line is anything else.
    package init(_ words: ArraySlice<String> = CommandLine.arguments.dropFirst()) throws {
        var rest = words
        while let name = rest.popFirst() {
            guard name.hasPrefix("--"), let value = rest.popFirst() else { throw Failure("could not read '\(name)'") }
            values[String(name.dropFirst(2))] = value
        }
    }

    package func text(_ name: String, default fallback: String? = nil) throws -> String {
        guard let value = values[name] ?? fallback else { throw Failure("--\(name) is missing") }
        return value
    }

    package func number<Number: LosslessStringConvertible>(_ name: String, default fallback: Number) throws -> Number {
        guard let text = values[name] else { return fallback }
        guard let value = Number(text) else { throw Failure("--\(name) is no number: '\(text)'") }
        return value
    }
}
