import JSONBytes
import NIOCore
import NIOHTTP1

/// What the gate answers by itself, in the shape of OpenAI's errors.
extension JudgeAnswer {
    static let unknownPlace = refusal(.notFound, "not_found", "the gate has nothing at this path")

    static let unknownRoute = refusal(
        .notFound,
        "unknown_route",
        "the gate passes on POST \(posted) and GET /models only"
    )

    static let wrongMethod = refusal(.methodNotAllowed, "wrong_method", "this route has another method")

    static let badPatience = refusal(
        .badRequest,
        "bad_deadline",
        "X-RewardBridge-Deadline-Ms must be a whole number of milliseconds above 0"
    )

    static func requestTooLarge(_ limit: Int) -> JudgeAnswer {
        refusal(.payloadTooLarge, "request_too_large", "the request's body is larger than \(limit) bytes")
    }

    static func answerTooLarge(_ limit: Int) -> JudgeAnswer {
        refusal(.badGateway, "answer_too_large", "the judge's answer is larger than \(limit) bytes").last
    }

    /// - Parameter patience: how long the client should stay away; told in whole seconds, rounded up.
    static func queueFull(_ patience: Duration) -> JudgeAnswer {
        var answer = refusal(.tooManyRequests, "queue_full", "as many calls wait for the judge as may")
        let (seconds, rest) = patience.components
        answer.headers.add(name: "retry-after", value: String(seconds + (rest > 0 ? 1 : 0)))
        return answer
    }

    static let unreachable = refusal(
        .badGateway,
        "judge_unreachable",
        "the judge's endpoint cannot be reached or closed the connection"
    ).last

    static let keyInAnswer = refusal(.badGateway, "key_in_answer", "the judge's answer held its API key").last

    static let timeIsUp = refusal(.gatewayTimeout, "deadline_exceeded", "the judge gave no answer in time").last

    static let stopping = refusal(.serviceUnavailable, "stopping", "the bridge is stopping").last

    private static let posted = JudgeRoute.allCases.filter { $0.method == .POST }.map(\.rawValue).joined(
        separator: ", "
    )

    private static func refusal(_ status: HTTPResponseStatus, _ code: String, _ message: String) -> JudgeAnswer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("error")
        writer.beginObject()
        writer.key("message")
        writer.string(message)
        writer.key("type")
        writer.string("rewardbridge_judge_gate")
        writer.key("param")
        writer.null()
        writer.key("code")
        writer.string(code)
        writer.endObject()
        writer.endObject()
        return JudgeAnswer(status: status, headers: ["content-type": "application/json"], body: writer.finish().bytes)
    }
}
