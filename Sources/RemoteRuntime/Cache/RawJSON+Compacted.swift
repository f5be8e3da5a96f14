import JSONBytes
import NIOCore

/// A member of an object, in the order of the text.
typealias JSONMember = (name: String, value: RawJSON)

extension RawJSON {
    /// The text without the white space between its tokens; strings and numbers stay as they are spelt.
    var compacted: [UInt8] {
        var compacted: [UInt8] = []
        compacted.reserveCapacity(count)
        var isInString = false
        var isEscaped = false
        for byte in bytes.readableBytesView {
            if isInString {
                if !isEscaped, byte == UInt8(ascii: "\"") { isInString = false }
                isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            } else if byte == UInt8(ascii: "\"") {
                isInString = true
            } else if [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                continue
            }
            compacted.append(byte)
        }
        return compacted
    }
}
