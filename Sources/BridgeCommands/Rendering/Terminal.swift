import Glibc
import JSONBytes
import RewardModel

/// Standard output is data, standard error is talk.
enum Terminal {
    static func print(_ line: some StringProtocol) {
        write(line, to: STDOUT_FILENO)
    }

    static func print(_ json: RawJSON) {
        write(json.text, to: STDOUT_FILENO)
    }

    static func note(_ line: some StringProtocol) {
        write(line, to: STDERR_FILENO)
    }

    /// One line of what and why, and one `hint:` line.
    static func complain(_ error: BridgeError) {
        note("error: \(error.description)")
    }

    private static func write(_ line: some StringProtocol, to descriptor: Int32) {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 || errno == EINTR else { return }
            rest = rest.dropFirst(max(count, 0))
        }
    }
}
