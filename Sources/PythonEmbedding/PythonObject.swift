import CPython

/// A reference to a Python object. Used and dropped on the interpreter's thread, with its lock held, where jobs run.
package struct PythonObject: ~Copyable {
    private let pointer: OpaquePointer

    /// Takes over a new reference.
    private init(_ pointer: OpaquePointer?) throws(PythonFailure) {
        guard let pointer else { throw PythonFailure.taken() }
        self.pointer = pointer
    }

    deinit { cpython_drop(pointer) }

    /// - Throws: what importing raised.
    package init(importing module: String) throws(PythonFailure) {
        try self.init(cpython_import(module))
    }

    package func attribute(_ name: String) throws(PythonFailure) -> PythonObject {
        try PythonObject(cpython_attribute(pointer, name))
    }

    /// - Throws: what the function raised.
    @discardableResult
    package func call(_ arguments: PythonArgument...) throws(PythonFailure) -> PythonObject {
        var pointers: [OpaquePointer?] = []
        pointers.reserveCapacity(arguments.count)
        defer { for case let pointer? in pointers { cpython_drop(pointer) } }
        for argument in arguments {
            guard let pointer = argument.newReference() else { throw PythonFailure.taken() }
            pointers.append(pointer)
        }
        return try PythonObject(cpython_call(pointer, pointers, pointers.count))
    }

    // MARK: - Values

    package var isNone: Bool { cpython_is_none(pointer) }

    /// Of a float.
    package var double: Double? {
        var value = 0.0
        return cpython_get_double(pointer, &value) ? value : nil
    }

    /// Of an int from 0 that fits.
    package var integer: UInt64? {
        var value: UInt64 = 0
        return cpython_get_integer(pointer, &value) ? value : nil
    }

    package var text: String? {
        var start: UnsafePointer<CChar>?
        var count = 0
        guard cpython_get_text(pointer, &start, &count) else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }

    /// What `body` makes of bytes; nil for anything else.
    package func withBytes<Value>(_ body: (UnsafeRawBufferPointer) -> Value) -> Value? {
        var start: UnsafePointer<CChar>?
        var count = 0
        guard cpython_get_bytes(pointer, &start, &count) else { return nil }
        return body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// Of a list; 0 for anything else.
    package var count: Int { cpython_count(pointer) }

    package func item(_ index: Int) throws(PythonFailure) -> PythonObject {
        try PythonObject(cpython_item(pointer, index))
    }
}

/// What a Python function is called with.
package enum PythonArgument {
    case integer(UInt64)
    case text(String)
    /// Copied.
    case bytes(UnsafeRawBufferPointer)
    /// The very memory, which must outlive the interpreter.
    case memory(UnsafeMutableRawBufferPointer)

    fileprivate func newReference() -> OpaquePointer? {
        switch self {
        case .integer(let value): return cpython_integer(value)
        case .text(var text):
            return text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { cpython_text($0.baseAddress, $0.count) }
            }
        case .bytes(let bytes): return cpython_bytes(bytes.baseAddress, bytes.count)
        case .memory(let memory): return cpython_memory(memory.baseAddress, memory.count)
        }
    }
}
