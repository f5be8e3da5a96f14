import Glibc

/// The HTTP part of a WebSocket connection (RFC 6455 section 4).
package enum Handshake {
    /// Asks for the upgrade and waits for the 101. What comes right behind it stays unread.
    package static func request(_ connection: Connection, port: UInt16, path: String) throws {
        let head = """
            GET \(path) HTTP/1.1\r
            Host: 127.0.0.1:\(port)\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            Sec-WebSocket-Version: 13\r
            \r

            """
        try connection.send(Array(head.utf8))
        while true {
            if let answer = takeHead(connection) {
                guard answer.hasPrefix("HTTP/1.1 101") else { throw Failure("no upgrade: \(answer.prefix(200))") }
                return
            }
            try Socket.wait(connection.descriptor, for: POLLIN)
            guard try connection.receive() else { throw Failure("the connection ended before its 101") }
        }
    }

    /// Answers an upgrade with 101, and everything else as a healthy server would answer `GET /health`.
    /// - Returns: nil when the head has not come; else whether the connection is a WebSocket now.
    package static func answer(_ connection: Connection) throws -> Bool? {
        guard let head = takeHead(connection) else { return nil }
        guard let key = header("sec-websocket-key", in: head) else {
            let body = #"{"status":"healthy"}"#
            let fields = "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\nconnection: close"
            try connection.send(Array("HTTP/1.1 200 OK\r\n\(fields)\r\n\r\n\(body)".utf8))
            return false
        }
        let accept = base64(SHA1.digest(Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8)))
        let fields = "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: \(accept)"
        try connection.send(Array("HTTP/1.1 101 Switching Protocols\r\n\(fields)\r\n\r\n".utf8))
        return true
    }

    private static func takeHead(_ connection: Connection) -> String? {
        let bytes = connection.unread
        let mark = Array("\r\n\r\n".utf8)
        guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: mark) }) else { return nil }
        let count = end + mark.count
        let head = String(decoding: bytes.prefix(count), as: UTF8.self)
        connection.take(count)
        return head
    }

    private static func header(_ name: String, in head: String) -> String? {
        for line in head.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == name else { continue }
            return String(parts[1].drop { $0 == " " })
        }
        return nil
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? alphabet[word >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
