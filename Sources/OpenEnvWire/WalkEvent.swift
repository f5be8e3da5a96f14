package import NIOCore

/// What a ``FrameWalker`` found. Buffers are slices of what was appended, header and mask as they came.
///
/// The first frame of a message has ``FrameHeader/startsMessage``, the last one ``FrameHeader/endsMessage``; control
/// frames may come between the frames of a message, never between the pieces of a frame (RFC 6455 section 5.4).
package enum WalkEvent: Sendable, Hashable {
    /// A whole frame, header and payload. Control frames always come like this, between frames and never inside one (RFC
    /// 6455 section 5.4).
    case frame(FrameHeader, ByteBuffer)
    /// A data frame begins that is not all there yet: the bytes of its header.
    case began(FrameHeader, ByteBuffer)
    /// The next bytes of its payload, at least one.
    case payload(ByteBuffer)
    /// All of its payload was handed on.
    case ended(FrameHeader)
}
