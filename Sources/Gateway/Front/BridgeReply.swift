import JSONBytes
import NIOCore
import NIOHTTP1

/// An HTTP answer of the bridge itself, in the shape of FastAPI's errors: `{"detail": "..."}`.
struct BridgeReply {
    let head: HTTPResponseHead
    let body: ByteBuffer

    /// - Parameter closes: whether the connection ends with it.
    init(_ status: HTTPResponseStatus, _ detail: String, closes: Bool = false) {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("detail")
        writer.string(detail)
        writer.endObject()
        body = writer.finish().bytes
        var headers: HTTPHeaders = [
            "content-type": "application/json",
            "content-length": "\(body.readableBytes)",
        ]
        if closes { headers.add(name: "connection", value: "close") }
        head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
    }
}
