import Loopback

/// The reply to every request of an episode, made once: only the step's number changes.
struct ReplyFrame {
    private(set) var bytes: [UInt8]
    private var number = Self.firstNumber
    private let digits: Range<Int>

    /// As many digits as any step of a benchmark needs, so that all replies are of one size.
    private static let firstNumber = 1_000_000

    /// - Parameter size: of the payload; it is at least as long as an empty observation.
    init(size: Int) {
        let head = #"{"type":"observation","data":{"observation":{"metadata":{},"step":"#
        let middle = #","lines":["#
        let tail = #"]},"reward":0.0,"done":false}}"#
        let room = size - head.utf8.count - 7 - middle.utf8.count - tail.utf8.count
        let text = "\(head)\(Self.firstNumber)\(middle)\(Self.lines(room))\(tail)"
        bytes = Frame.bytes(.text, Array(text.utf8), masked: false)
        let start = bytes.count - text.utf8.count + head.utf8.count
        digits = start..<start + 7
    }

    /// The number of the next step goes in.
    mutating func advance() {
        number += 1
        var rest = number
        for index in digits.reversed() {
            bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
    }

    /// What observations are made of: objects with text, escapes and numbers, and a string that fills the rest.
    private static func lines(_ room: Int) -> String {
        let line = #"{"role":"user","text":"You see a \"red\" door.\nIt is closed.","at":[12,-3.5]},"#
        let count = max(0, room - 2) / line.utf8.count
        let filler = String(repeating: "x", count: max(0, room - 2 - count * line.utf8.count))
        return String(repeating: line, count: count) + "\"\(filler)\""
    }
}
