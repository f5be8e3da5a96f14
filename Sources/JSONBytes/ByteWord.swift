/// Eight bytes of text as one word, the first byte lowest, looked at all at once ("SIMD within a register").
///
/// A mark is a byte's high bit: 0x80 where the byte fits, 0 where it does not. The marks here are exact for every byte,
/// not only for the first that fits, since the scan counts them.
extension UInt64 {
    @inline(__always)
    static func repeating(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

    /// Marks of the bytes that are zero. Adding 0x7F to seven bits carries into the eighth unless they are zero, and
    /// never out of the byte.
    @inline(__always)
    var zeroBytes: UInt64 {
        let low = UInt64.repeating(0x7F)
        return ~(((self & low) &+ low) | self | low)
    }

    @inline(__always)
    func bytes(equalTo byte: UInt8) -> UInt64 { (self ^ .repeating(byte)).zeroBytes }

    /// Marks of the bytes below 0x20.
    @inline(__always)
    var controlBytes: UInt64 { (self & .repeating(0xE0)).zeroBytes }

    /// Of marks: the index of the first marked byte, 8 when there is none.
    @inline(__always)
    var firstMark: Int { trailingZeroBitCount &>> 3 }

    /// Of marks: how many there are. The product sums all bytes in its highest one.
    @inline(__always)
    var markCount: Int { Int(truncatingIfNeeded: ((self &>> 7) &* 0x0101_0101_0101_0101) &>> 56) }

    /// Of marks: marks of the bytes up to which, themselves included, an odd number is marked.
    @inline(__always)
    var oddMarks: UInt64 {
        var marks = self
        marks ^= marks &<< 8
        marks ^= marks &<< 16
        return marks ^ (marks &<< 32)
    }

    /// Of marks: all ones when the last byte is marked, else zero.
    @inline(__always)
    var lastMarkEverywhere: UInt64 { UInt64(bitPattern: Int64(bitPattern: self) &>> 63) }
}

extension UnsafeRawBufferPointer {
    /// The eight bytes at an offset inside the buffer; zeros stand for those past its end.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        if offset &+ 8 <= count {
            return UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        }
        return lastWord(at: offset)
    }

    private func lastWord(at offset: Int) -> UInt64 {
        var word: UInt64 = 0
        var index = count
        while index > offset {
            index &-= 1
            word = word &<< 8 | UInt64(self[index])
        }
        return word
    }
}
