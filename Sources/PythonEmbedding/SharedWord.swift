import CPython

/// Eight bytes that Python writes and other threads read.
package final class SharedWord: @unchecked Sendable {
    // Written by Python alone, read by cpython_peek; never freed, because the interpreter keeps it.
    package let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8, alignment: 8)

    package init() {
        memory.storeBytes(of: 0, as: UInt64.self)
    }

    package var value: UInt64 {
        // Eight bytes, aligned so, have an address.
        cpython_peek(memory.baseAddress!.assumingMemoryBound(to: UInt64.self))
    }
}
