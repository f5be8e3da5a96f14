import NIOHTTP1

/// What a request asks of its answer's form, which NIO's encoder does not know. Pure.
struct ResponseForm {
    /// The answer to HEAD is a head alone (RFC 9110 section 9.3.2).
    private var isHead = false
    /// HTTP/1.0 knows no chunks: the answer ends with its connection (RFC 9112 section 6.1).
    private(set) var isOld = false

    init() {}

    init(for request: HTTPRequestHead) {
        isHead = request.method == .HEAD
        isOld = request.version == .http1_0
    }

    /// - Parameter isLast: the connection ends with the answer.
    /// - Returns: nil for a part that is not sent.
    func applied(to part: HTTPServerResponsePart, isLast: Bool) -> HTTPServerResponsePart? {
        switch part {
        case .head(let head) where head.status.isInformational: isOld ? nil : part
        case .head(let head): .head(applied(to: head, isLast: isLast))
        case .body, .end: isHead ? nil : part
        }
    }

    private func applied(to head: HTTPResponseHead, isLast: Bool) -> HTTPResponseHead {
        var head = head
        if isLast { head.headers.replaceOrAdd(name: "connection", value: "close") }
        if isOld {
            head.version = .http1_0
            head.headers.remove(name: "transfer-encoding")
        }
        return head
    }
}
