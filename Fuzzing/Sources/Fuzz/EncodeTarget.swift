import NIOCore
import OpenEnvWire

/// What the encoder writes, the walker takes and gives back; masking undoes itself, in whatever pieces.
///
/// Four bytes of an input are the masking key, one says which frame, the rest is the payload, which is now and then
/// repeated to a length that takes 64 bits.
func encode(_ input: UnsafeRawBufferPointer) {
    guard input.count >= 5 else { return }
    var payload = ByteBuffer(bytes: input)
    guard let key = payload.readInteger(as: UInt32.self), let choice = payload.readInteger(as: UInt8.self) else {
        return
    }
    if choice == 255, payload.readableBytes > 0 { payload = payload.repeated(toAtLeast: 65_535) }
    checkMasking(key, of: payload, cutAt: Int(choice) % (payload.readableBytes + 1))
    let isMasked = choice & 1 == 0
    let opcodes: [FrameOpcode] = [.text, .binary, .ping, .pong]
    let opcode = opcodes[Int(choice >> 1 & 3)]
    if opcode.isControl { payload = payload.readSlice(length: min(125, payload.readableBytes)) ?? payload }
    let frame = FrameEncoder.frame(opcode: opcode, payload: payload, maskingKey: isMasked ? key : nil)
    let (header, read) = walked(frame, isMasked)
    require(header.opcode == opcode && header.isFinal, "a frame is of its kind")
    require(read == payload, "a payload reads back")
    checkClose(key, String(buffer: payload), isMasked)
}

private func checkMasking(_ key: UInt32, of payload: ByteBuffer, cutAt cut: Int) {
    let masked = Masking.applied(key, to: payload)
    require(Masking.applied(key, to: masked) == payload, "masking twice is not masking")
    require(masked == plainlyMasked(payload, key), "masking is an exclusive or, byte by byte")
    var rest = payload
    guard let front = rest.readSlice(length: cut) else { return require(false, "a payload can be cut") }
    var joined = Masking.applied(key, to: front)
    joined.writeImmutableBuffer(Masking.applied(key, to: rest, phase: cut))
    require(joined == masked, "masked in pieces it is the same")
}

private func plainlyMasked(_ payload: ByteBuffer, _ key: UInt32) -> ByteBuffer {
    var masked = payload
    masked.withUnsafeMutableReadableBytes { bytes in
        for index in bytes.indices { bytes[index] ^= UInt8(truncatingIfNeeded: key >> (24 - 8 * UInt32(index & 3))) }
    }
    return masked
}

private func checkClose(_ code: UInt32, _ reason: String, _ isMasked: Bool) {
    let code = CloseCode(rawValue: UInt16(truncatingIfNeeded: code))
    let frame = FrameEncoder.close(code: code, reason: reason, maskingKey: isMasked ? UInt32(code.rawValue) : nil)
    let (header, payload) = walked(frame, isMasked)
    require(header.opcode == .close, "a close frame is one")
    guard let close = CloseFrame.parse(payload) else { return require(false, "a close frame reads back") }
    require(close.code == (code.isSendable ? code : .noStatus), "a code that may be sent reads back")
    guard code.isSendable else { return require(payload.readableBytes == 0, "no other code is sent") }
    require(reason.unicodeScalars.starts(with: close.reason.unicodeScalars), "a reason is cut between characters")
    require(reason.utf8.count > 123 || close.reason.utf8.elementsEqual(reason.utf8), "a short reason is whole")
}

/// The single frame of a stream, with its payload.
private func walked(_ stream: ByteBuffer, _ isMasked: Bool) -> (FrameHeader, ByteBuffer) {
    var walker = FrameWalker(role: isMasked ? .fromClient : .fromServer, maxMessageBytes: .max)
    walker.append(stream)
    guard case .frame(let header, let bytes)? = try? walker.next(), bytes == stream else {
        fatalError("property does not hold: an encoded frame is one frame")
    }
    require((try? walker.next()) == .some(nil), "and no more than one")
    return (header, header.payload(of: bytes))
}

extension ByteBuffer {
    fileprivate func repeated(toAtLeast count: Int) -> ByteBuffer {
        var repeated = ByteBufferAllocator().buffer(capacity: count + readableBytes)
        while repeated.readableBytes < count { repeated.writeImmutableBuffer(self) }
        return repeated
    }
}
