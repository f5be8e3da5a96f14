import Testing

@testable import BridgeConfig

@Suite("Did you mean")
struct SuggestionTests {
    @Test(
        "Distances count insertions, deletions, replacements and swaps",
        arguments: [
            ("", "", 0), ("a", "", 1), ("", "abc", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("ab", "ba", 1),
            ("call_timout", "call_timeout", 1), ("kitten", "sitting", 3),
        ]
    )
    func distances(left: String, right: String, distance: Int) {
        #expect(Suggestion.distance(left, right) == distance)
        #expect(Suggestion.distance(right, left) == distance)
    }

    @Test("The nearest word wins, and far ones are not suggested")
    func nearest() {
        #expect(Suggestion.nearest(to: "windw", among: ["window", "workers"]) == "window")
        #expect(Suggestion.nearest(to: "colour", among: ["window", "workers"]) == nil)
        #expect(Suggestion.nearest(to: "x", among: []) == nil)
    }
}
