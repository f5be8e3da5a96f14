import JSONBytes

@testable import PythonEnvironments

extension AdapterEntry {
    /// A catalogue's entry, as Python writes it.
    static func entry(
        _ name: String,
        requirements: [String] = [],
        withoutDependencies: [String] = [],
        python: String = ">=3.10"
    ) throws -> AdapterEntry? {
        func list(_ words: [String]) -> String { "[" + words.map { "\"\($0)\"" }.joined(separator: ", ") + "]" }
        return AdapterEntry(
            RawJSON(
                text: """
                    {"name": "\(name)", "adapter": "a.b:C", "library": "Library \(name)", "units": ["step"], "inputs": [],
                    "live": "as it is", "requirements": \(list(requirements)), "tested": "1.0", "embedded": false,
                    "without_dependencies": \(list(withoutDependencies)), "python": "\(python)", "installed": null}
                    """
            )
        )
    }
}
