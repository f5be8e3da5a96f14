package import NIOCore

/// The masking of RFC 6455 section 5.3: exclusive or, so that doing it twice undoes it.
package enum Masking {
    /// A copy of a payload, masked or unmasked.
    ///
    /// - Parameter phase: how many bytes of the frame's payload came before these.
    package static func applied(_ key: UInt32, to payload: ByteBuffer, phase: Int = 0) -> ByteBuffer {
        var copy = ByteBufferAllocator().buffer(capacity: payload.readableBytes)
        copy.writeMasked(payload, key: key, phase: phase)
        return copy
    }
}

extension ByteBuffer {
    /// Appends a copy of a payload, masked or unmasked, eight bytes a turn.
    mutating func writeMasked(_ payload: ByteBuffer, key: UInt32, phase: Int = 0) {
        let mask = key.mask(from: phase)
        payload.withUnsafeReadableBytes { source in
            _ = writeWithUnsafeMutableBytes(minimumWritableBytes: source.count) { target in
                var offset = 0
                while offset &+ 8 <= source.count {
                    let word = source.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                    target.storeBytes(of: word ^ mask.bigEndian, toByteOffset: offset, as: UInt64.self)
                    offset &+= 8
                }
                while offset < source.count {
                    let byte = UInt8(truncatingIfNeeded: mask &>> UInt64(56 &- 8 &* (offset & 7)))
                    target[offset] = source[offset] ^ byte
                    offset &+= 1
                }
                return source.count
            }
        }
    }
}

extension UInt32 {
    /// Eight bytes of the repeated key, the first one highest.
    fileprivate func mask(from phase: Int) -> UInt64 {
        let shift = UInt32(phase & 3) * 8
        let turned = self << shift | self >> (32 - shift)
        return UInt64(turned) << 32 | UInt64(turned)
    }
}
