import NIOHTTP1

/// What may be asked of a judge: the part of the path behind its base URL.
enum JudgeRoute: String, Sendable, CaseIterable {
    case chatCompletions = "/chat/completions"
    case completions = "/completions"
    case responses = "/responses"
    case embeddings = "/embeddings"
    case models = "/models"

    var method: HTTPMethod { self == .models ? .GET : .POST }

    /// The member of a request's body that is the prompt.
    var prompt: String? {
        switch self {
        case .chatCompletions: "messages"
        case .completions: "prompt"
        case .responses, .embeddings: "input"
        case .models: nil
        }
    }
}
