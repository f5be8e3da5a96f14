import JSONBytes

extension JudgeCallRecord {
    /// For the header by which the rubric's worker learns what its outcome should tell: a JSON object in ASCII.
    var headerValue: String {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("judge")
        writer.string(judge)
        for (name, text) in [("model", model), ("prompt_sha256", promptHash)] {
            // A header's value is ASCII without control characters (RFC 9110, section 5.5).
            guard let text, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else { continue }
            writer.key(name)
            writer.string(text)
        }
        for (name, number) in [("seed", seed), ("tokens", usage?.total)] {
            guard let number else { continue }
            writer.key(name)
            writer.int(number)
        }
        for (name, number) in [("temperature", temperature), ("cost", cost)] {
            guard let number, number.isFinite else { continue }
            writer.key(name)
            writer.double(number)
        }
        writer.key("cached")
        writer.bool(isCached)
        writer.endObject()
        return writer.finish().text
    }
}
