import JSONBytes
import NIOCore
import NIOHTTP1

/// An endpoint's answer, or the gate's own, as a rubric gets it.
struct JudgeAnswer: Sendable, Equatable {
    var status: HTTPResponseStatus
    /// Without those of the connection and the body's length.
    var headers: HTTPHeaders
    var body: ByteBuffer

    /// A 200 with a whole JSON object that reports no error: some endpoints say 200 first and fail later.
    var isWorthKeeping: Bool {
        guard status == .ok, let members = RawJSON(body).memberTable() else { return false }
        return members["error"]?.isNull ?? true
    }

    /// The answer with the word by which OpenAI's clients know that they need not try again: the gate has done so.
    var last: JudgeAnswer {
        var answer = self
        answer.headers.replaceOrAdd(name: "x-should-retry", value: "false")
        return answer
    }
}
