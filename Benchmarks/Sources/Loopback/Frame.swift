/// The head of a WebSocket frame (RFC 6455 section 5.2).
package struct Frame {
    package enum Opcode: UInt8 {
        case continuation = 0, text, binary
        case close = 8, ping, pong
    }

    let opcode: Opcode
    let headerLength: Int
    let length: Int
    let key: [UInt8]?

    /// - Returns: nil unless the whole frame is there.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 2, let opcode = Opcode(rawValue: bytes[0] & 0xF) else { return nil }
        var payload = Int(bytes[1] & 0x7F)
        var header = 2
        if payload == 126 {
            guard bytes.count >= 4 else { return nil }
            payload = Int(bytes[2]) << 8 | Int(bytes[3])
            header = 4
        } else if payload == 127 {
            guard bytes.count >= 10 else { return nil }
            payload = bytes[2..<10].reduce(0) { $0 << 8 | Int($1) }
            header = 10
        }
        let isMasked = bytes[1] & 0x80 != 0
        let keyEnd = header + (isMasked ? 4 : 0)
        guard bytes.count >= keyEnd + payload else { return nil }
        key = isMasked ? Array(bytes[header..<keyEnd]) : nil
        self.opcode = opcode
        headerLength = keyEnd
        length = keyEnd + payload
    }

    static func mask(_ payload: UnsafeMutableRawBufferPointer, _ key: [UInt8]) {
        for index in payload.indices { payload[index] ^= key[index & 3] }
    }

    /// A whole frame.
    package static func bytes(_ opcode: Opcode, _ payload: [UInt8], masked: Bool) -> [UInt8] {
        let key: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
        var frame: [UInt8] = [0x80 | opcode.rawValue]
        let bit: UInt8 = masked ? 0x80 : 0
        if payload.count < 126 {
            frame.append(bit | UInt8(payload.count))
        } else {
            precondition(payload.count <= UInt16.max, "benchmark frames are at most 64 KiB")
            frame += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        }
        guard masked else { return frame + payload }
        return frame + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
    }
}
