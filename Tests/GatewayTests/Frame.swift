/// A WebSocket frame, read and written here without the code under test (RFC 6455 section 5.2).
struct Frame: Equatable {
    enum Opcode: UInt8 {
        case continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10
    }

    /// As it is on the wire.
    let bytes: [UInt8]
    let opcode: Opcode
    let isFinal: Bool
    let isMasked: Bool
    /// Unmasked.
    let payload: [UInt8]

    init(_ opcode: Opcode, _ payload: [UInt8], isFinal: Bool = true, mask: [UInt8]? = nil) {
        self.opcode = opcode
        self.payload = payload
        self.isFinal = isFinal
        isMasked = mask != nil
        var bytes = [(isFinal ? 0x80 : 0) | opcode.rawValue]
        let maskBit: UInt8 = mask == nil ? 0 : 0x80
        switch payload.count {
        case ...125: bytes.append(maskBit | UInt8(payload.count))
        case ...65_535: bytes += [maskBit | 126] + payload.count.bigEndianBytes(2)
        default: bytes += [maskBit | 127] + payload.count.bigEndianBytes(8)
        }
        if let mask { bytes += mask }
        bytes += Self.masked(payload, with: mask)
        self.bytes = bytes
    }

    /// A frame as a client sends it.
    static func client(_ opcode: Opcode, _ payload: String, isFinal: Bool = true) -> Frame {
        Frame(opcode, Array(payload.utf8), isFinal: isFinal, mask: [0x11, 0x22, 0xF3, 0x04])
    }

    /// A frame as an environment sends it.
    static func server(_ opcode: Opcode, _ payload: String, isFinal: Bool = true) -> Frame {
        Frame(opcode, Array(payload.utf8), isFinal: isFinal)
    }

    static func close(_ code: Int, _ reason: String = "", masked: Bool) -> Frame {
        Frame(.close, code.bigEndianBytes(2) + Array(reason.utf8), mask: masked ? [9, 8, 7, 6] : nil)
    }

    var text: String { String(decoding: payload, as: UTF8.self) }

    /// Of a close frame.
    var code: Int? { payload.count < 2 ? nil : Int(payload[0]) << 8 | Int(payload[1]) }
    var reason: String { String(decoding: payload.dropFirst(2), as: UTF8.self) }

    fileprivate static func masked(_ payload: [UInt8], with mask: [UInt8]?) -> [UInt8] {
        // Large frames are masked with zeros, which is as good for a relay and takes no time.
        guard let mask, mask != [0, 0, 0, 0] else { return payload }
        return payload.enumerated().map { $1 ^ mask[$0 & 3] }
    }
}

extension Int {
    fileprivate func bigEndianBytes(_ count: Int) -> [UInt8] {
        (0..<count).reversed().map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
    }
}

extension RawSocket {
    func send(_ frames: Frame...) throws {
        try send(frames.flatMap(\.bytes))
    }

    /// Reads one frame of either side.
    func readFrame() throws -> Frame {
        let start = try read(2)
        let isMasked = start[1] & 0x80 != 0
        var length = Int(start[1] & 0x7F)
        var header = start
        if length > 125 {
            let more = try read(length == 126 ? 2 : 8)
            length = more.reduce(0) { $0 << 8 | Int($1) }
            header += more
        }
        let mask = isMasked ? try read(4) : nil
        let body = try read(length)
        guard let opcode = Frame.Opcode(rawValue: start[0] & 0x0F) else {
            throw Failure(message: "not a frame: \(header)")
        }
        let frame = Frame(opcode, Frame.masked(body, with: mask), isFinal: start[0] & 0x80 != 0, mask: mask)
        guard frame.bytes == header + (mask ?? []) + body else {
            throw Failure(message: "not the shortest form of a frame: \(header)")
        }
        return frame
    }
}
