import Loopback

/// What every reply must be: an observation, of this very step, with the reward that is due, and not done.
struct ReplyCheck {
    /// As text: whoever writes the reward writes the shortest form.
    private let reward: [UInt8]
    /// The environment counts its steps, from one million.
    private let isCounted: Bool

    init(reward: String, isCounted: Bool) {
        self.reward = Array(reward.utf8)
        self.isCounted = isCounted
    }

    func reset(_ reply: UnsafeRawBufferPointer) throws {
        guard head(reply).value(of: "type")?.starts(with: #""observation""#) == true else {
            throw wrong("the reply to the reset", reply)
        }
    }

    func step(_ number: Int, _ reply: UnsafeRawBufferPointer) throws {
        try reset(reply)
        if isCounted, head(reply).value(of: "step")?.integer != 1_000_000 + number {
            throw wrong("not the reply to step \(number)", reply)
        }
        let tail = JSONText(UnsafeRawBufferPointer(rebasing: reply.suffix(256)))
        guard tail.value(of: "reward")?.isScalar(reward) == true else {
            throw wrong("the reward of step \(number) is not \(String(decoding: reward, as: UTF8.self))", reply)
        }
        guard tail.value(of: "done")?.starts(with: "false") == true else {
            throw wrong("step \(number) is done", reply)
        }
    }

    private func head(_ reply: UnsafeRawBufferPointer) -> JSONText {
        JSONText(UnsafeRawBufferPointer(rebasing: reply.prefix(128)))
    }

    private func wrong(_ what: String, _ reply: UnsafeRawBufferPointer) -> Failure {
        let ends =
            "\(String(decoding: reply.prefix(150), as: UTF8.self)) ... \(String(decoding: reply.suffix(80), as: UTF8.self))"
        return Failure("\(what): \(ends)")
    }
}
