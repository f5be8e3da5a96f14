import Testing

@testable import Gateway

/// What the environment answers with unless a test says otherwise.
let okResponse = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nServer: fake\r\n\r\nok"

/// Lets the environment answer the next connection.
@discardableResult
func answer(_ live: LiveGateway, _ response: String = okResponse, body: Int = 0) throws -> String {
    let upstream = try live.environment.accept()
    let head = try upstream.readHead()
    let text = String(decoding: try upstream.read(body), as: UTF8.self)
    try upstream.send(response)
    upstream.close()
    return head + text
}

/// Reads an answer with a `Content-Length`.
func readAnswer(_ client: RawSocket) throws -> (head: String, body: String) {
    let head = try client.readHead()
    let mark = "content-length: "
    let length = try #require(head.lowercased().split(separator: "\r\n").first { $0.hasPrefix(mark) })
    let count = try #require(Int(length.dropFirst(mark.count)))
    return (head, String(decoding: try client.read(count), as: UTF8.self))
}
