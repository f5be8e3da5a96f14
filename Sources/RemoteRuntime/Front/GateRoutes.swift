import NIOHTTP1

/// Finds what a request asks for. Pure.
struct GateRoutes: Sendable {
    /// What a request's head asks for.
    struct Match: Sendable {
        let judge: Judge
        let request: JudgeRequest
    }

    /// A head that leads nowhere.
    struct Refusal: Error {
        let answer: JudgeAnswer
    }

    let token: String
    /// By name.
    let judges: [String: Judge]

    /// - Parameter now: when the head arrived.
    func match(_ head: HTTPRequestHead, at now: ContinuousClock.Instant) throws(Refusal) -> Match {
        let path = head.uri.prefix { $0 != "?" }
        let parts = path.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0].isEmpty, isToken(parts[1]), let judge = judges[String(parts[2])] else {
            throw Refusal(answer: .unknownPlace)
        }
        guard parts[3].hasPrefix("v1"), let route = JudgeRoute(rawValue: String(parts[3].dropFirst(2))) else {
            throw Refusal(answer: .unknownRoute)
        }
        guard head.method == route.method else { throw Refusal(answer: .wrongMethod) }
        var request = JudgeRequest(route: route, arrival: now)
        request.query = String(head.uri.dropFirst(path.count).prefix { $0 != "#" })
        request.contentType = head.headers.first(name: "content-type")
        request.accept = head.headers.first(name: "accept")
        request.patience = try patience(head)
        return Match(judge: judge, request: request)
    }

    private func patience(_ head: HTTPRequestHead) throws(Refusal) -> Duration? {
        guard let text = head.headers.first(name: "x-rewardbridge-deadline-ms") else { return nil }
        guard let milliseconds = Int32(text), milliseconds > 0 else { throw Refusal(answer: .badPatience) }
        return .milliseconds(milliseconds)
    }

    /// Takes the same time wherever the texts differ.
    private func isToken(_ text: Substring) -> Bool {
        guard text.utf8.count == token.utf8.count else { return false }
        return zip(text.utf8, token.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
