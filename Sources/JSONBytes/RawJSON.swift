package import NIOCore

/// One JSON value as text, kept as the bytes it arrived in.
///
/// Copies share storage. Nothing checks the text: whoever makes a `RawJSON` took it from a scan that found one
/// balanced value, or wrote it with ``JSONWriter``. Readers (`JSONBytes`' own, or Python) treat it as untrusted.
package struct RawJSON: Sendable, Hashable {
    /// The text; its readable bytes are the value, without surrounding white space.
    package let bytes: ByteBuffer

    package init(_ bytes: ByteBuffer) {
        self.bytes = bytes
    }

    /// Text written in this project, such as `{}` or `null`.
    package init(_ text: StaticString) {
        self.bytes = ByteBuffer(staticString: text)
    }

    package init(text: String) {
        self.bytes = ByteBuffer(string: text)
    }

    /// The text; bytes that are not UTF-8 become U+FFFD.
    package var text: String { String(buffer: bytes) }

    package var count: Int { bytes.readableBytes }
}
