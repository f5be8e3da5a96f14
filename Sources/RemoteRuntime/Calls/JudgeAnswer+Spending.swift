import JSONBytes
import NIOHTTP1

extension JudgeAnswer {
    /// Tokens, by the names of the chat and completion routes or those of `/responses`.
    var usage: JudgeCallRecord.Usage? {
        guard let members = usageMembers else { return nil }
        return JudgeCallRecord.Usage(
            input: (members["prompt_tokens"] ?? members["input_tokens"])?.int(),
            output: (members["completion_tokens"] ?? members["output_tokens"])?.int(),
            total: members["total_tokens"]?.int()
        )
    }

    /// OpenRouter puts it into the usage, LiteLLM's proxy into a header.
    var cost: Double? {
        if let cost = usageMembers?["cost"]?.double() { return cost }
        return headers.first(name: "x-litellm-response-cost").flatMap(Double.init)
    }

    private var usageMembers: [String: RawJSON]? { RawJSON(body).member("usage")?.memberTable() }
}
