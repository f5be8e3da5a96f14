import CPython

/// What Python raised, or why it could not be asked.
package struct PythonFailure: Error, CustomStringConvertible {
    /// For an exception its traceback, or the end of it.
    package let description: String

    private static let textMax = 4096

    init(_ description: String) {
        self.description = description
    }

    /// Takes the exception that is set.
    static func taken() -> PythonFailure {
        let text = String(unsafeUninitializedCapacity: textMax) { buffer in
            // A buffer of a capacity above 0 has an address.
            let start = UnsafeMutableRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
            return cpython_take_error(start, buffer.count)
        }
        return PythonFailure(text.isEmpty ? "no exception is set" : text)
    }
}
