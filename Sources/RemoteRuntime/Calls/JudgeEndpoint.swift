import AsyncHTTPClient
import Glibc
import Logging
import NIOCore
import NIOHTTP1

/// Sends single attempts to the server that a judge's model is behind.
struct JudgeEndpoint: Sendable {
    /// What came of an attempt.
    struct Attempt: Sendable {
        var answer: JudgeAnswer
        /// Another attempt may fare better.
        var isPassing = false
        /// Until when to leave the endpoint alone, from now.
        var retryAfter: Duration?
    }

    let client: HTTPClient
    /// Without a slash at its end.
    let url: String
    let key: JudgeKey?
    let bodyMax: Int
    let logger: Logger

    /// - Throws: `CancellationError` when the task is cancelled, and nothing else.
    func send(_ request: JudgeRequest) async throws -> Attempt {
        do {
            // The caller cancels the task when the time is up.
            let response = try await client.execute(outbound(request), deadline: .distantFuture)
            let body = try await response.body.collect(upTo: bodyMax)
            // A body whose task was cancelled may end early instead of failing.
            try Task.checkCancellation()
            return attempt(response, body)
        } catch is NIOTooManyBytesError {
            return Attempt(answer: .answerTooLarge(bodyMax))
        } catch {
            try Task.checkCancellation()
            logger.info("judge unreachable", metadata: ["reason": "\(error)"])
            return Attempt(answer: .unreachable, isPassing: true)
        }
    }

    private func outbound(_ request: JudgeRequest) -> HTTPClientRequest {
        var outbound = HTTPClientRequest(url: url + request.route.rawValue + request.query)
        outbound.method = request.route.method
        outbound.headers = ["user-agent": "rewardbridge"]
        if let type = request.contentType { outbound.headers.add(name: "content-type", value: type) }
        if let accept = request.accept { outbound.headers.add(name: "accept", value: accept) }
        if let key { outbound.headers.add(name: "authorization", value: key.authorization) }
        if request.route.method == .POST { outbound.body = .bytes(request.body) }
        return outbound
    }

    private func attempt(_ response: HTTPClientResponse, _ body: ByteBuffer) -> Attempt {
        var answer = JudgeAnswer(status: response.status, headers: [:], body: body)
        for name in Self.headers {
            for value in response.headers[name] { answer.headers.add(name: name, value: value) }
        }
        if key?.isIn(answer) == true { return Attempt(answer: .keyInAnswer) }
        let isPassing = Self.passing.contains(response.status.code)
        let retryAfter = RetryAfter.read(response.headers, now: time(nil))
        return Attempt(answer: answer, isPassing: isPassing, retryAfter: retryAfter)
    }

    /// What goes on to the rubric.
    private static let headers = [
        "content-type", "content-encoding", "retry-after", "retry-after-ms", "x-request-id", "x-litellm-response-cost",
    ]

    private static let passing: Set<UInt> = [429, 500, 502, 503, 504]
}
