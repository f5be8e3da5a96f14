import JSONBytes
import NIOCore
import Testing

@testable import RemoteRuntime

@Suite("Which calls are the same")
struct CallKeyTests {
    private let body = #"{"model": "m", "messages": [{"role": "user", "content": "a b"}], "n": 1}"#

    @Test func whiteSpaceAndTheOrderOfMembersDoNotMatter() {
        let other = "{ \"n\":1,\n\t\"messages\":[ {\"role\":\"user\" ,\"content\":\"a b\"}\r\n],\"model\":\"m\"} "
        #expect(CallKey.of(body) == CallKey.of(other))
        #expect(CallKey.of(#"{"mod\u0065l": 1}"#) == CallKey.of(#"{"model": 1}"#))
    }

    @Test(arguments: [
        #"{"model": "m", "messages": [{"role": "user", "content": "ab"}], "n": 1}"#,
        #"{"model": "m", "messages": [{"role": "user", "content": "a  b"}], "n": 1}"#,
        #"{"model": "m", "messages": [{"content": "a b", "role": "user"}], "n": 1}"#,
        #"{"model": "m", "messages": [{"role": "user", "content": "a b"}], "n": 1.0}"#,
        #"{"model": "m", "messages": [{"role": "user", "content": "a b"}]}"#,
        #"{"model": "m", "messages": [{"role": "user", "content": "a b"}], "n": 1, "n": 1}"#,
        #"{"model": "m", "messages": [{"role": "user", "content": "a b"}], "n": 1, "seed": null}"#,
    ])
    func anythingElseOfTheBodyDoes(_ other: String) {
        #expect(CallKey.of(body) != CallKey.of(other))
    }

    @Test func ofMembersWithOneNameTheOrderMatters() {
        #expect(CallKey.of(#"{"n": 1, "m": 0, "n": 2}"#) == CallKey.of(#"{"m": 0, "n": 1, "n": 2}"#))
        #expect(CallKey.of(#"{"n": 1, "n": 2}"#) != CallKey.of(#"{"n": 2, "n": 1}"#))
    }

    @Test func bracketsAndQuotesInsideStringsAreText() {
        #expect(CallKey.of(#"{"a": "\" x", "b": 1}"#) != CallKey.of(#"{"a": "\"x", "b": 1}"#))
        #expect(CallKey.of(#"{"a": "\\" , "b": " "}"#) == CallKey.of(#"{"a":"\\","b":" "}"#))
        #expect(CallKey.of(#"{"a": "\\", "b": " "}"#) != CallKey.of(#"{"a":"\\","b":""}"#))
    }

    @Test func whereAndHowItIsAskedMatters() {
        let key = CallKey.of(body)
        #expect(key == CallKey.of(body) { $0.patience = .seconds(1) })
        #expect(key != CallKey.of(body) { $0.route = .completions })
        #expect(key != CallKey.of(body) { $0.query = "?api-version=2" })
        #expect(key != CallKey.of(body) { $0.contentType = "application/json" })
        #expect(key != CallKey.of(body) { $0.accept = "text/plain" })
        #expect(CallKey.of(body) { $0.accept = "x" } != CallKey.of(body) { $0.contentType = "x" })
    }

    @Test func theEndpointAndTheGenerationMatter() {
        let request = JudgeRequest(route: .chatCompletions, arrival: .now)
        let keys = [("http://a/v1", 1), ("http://a/v1", 11), ("http://a/v", 11), ("http://b/v1", 1)].map {
            CallKey(request, members: [], endpoint: $0.0, generation: $0.1)
        }
        #expect(Set(keys).count == keys.count)
    }
}

@Suite("What a request says")
struct RequestFactsTests {
    private func facts(_ body: String, _ route: JudgeRoute = .chatCompletions) -> RequestFacts {
        RequestFacts(JudgeRequest(route: route, body: ByteBuffer(string: body), arrival: .now))
    }

    @Test(arguments: [
        (#"{"temperature": 0}"#, true), (#"{"temperature": 0.0}"#, true), (#"{"temperature": -0.0}"#, true),
        (#"{"temperature": 0.7}"#, false), (#"{"temperature": 0.7, "seed": 0}"#, true), (#"{}"#, false),
        (#"{"temperature": 0.7, "seed": null}"#, false), (#"{"temperature": null}"#, false),
        (#"{"temperature": "0"}"#, false), (#"{"temperature": NaN}"#, false),
        // The last of a name is the one that counts.
        (#"{"temperature": 0, "temperature": 1}"#, false),
        (#"{"seed": 1, "stream": true}"#, false), (#"{"seed": 1, "stream": false}"#, true),
        (#"{"seed": 1, "stream": "yes"}"#, false),
        (#"{"seed": 1"#, false), ("[1]", false), ("", false),
    ])
    func whatAsksForTheSameAnswerEachTimeIsCacheable(_ body: String, _ isCacheable: Bool) {
        #expect(facts(body).isCacheable(.deterministic) == isCacheable)
        #expect(!facts(body).isCacheable(.off))
    }

    @Test func alwaysIsForWholeObjectsThatAreNotStreamed() {
        #expect(facts(#"{"temperature": 1}"#).isCacheable(.always))
        #expect(!facts(#"{"stream": true}"#).isCacheable(.always))
        #expect(!facts("{").isCacheable(.always))
        #expect(!facts("{}", .models).isCacheable(.always))
    }

    @Test func embeddingsAreTheSameEachTime() {
        #expect(facts(#"{"input": "x"}"#, .embeddings).isCacheable(.deterministic))
    }

    @Test func theModelAndTheNumbers() {
        let facts = facts(#"{"model": "m\u0031", "seed": 7, "temperature": 0.5}"#)
        #expect(facts.model == "m1")
        #expect(facts.seed == 7)
        #expect(facts.temperature == 0.5)
        #expect(self.facts(#"{"model": 4, "seed": 1.5, "temperature": "hot"}"#).model == nil)
    }

    @Test func thePromptIsHashedWithoutItsWhiteSpace() {
        // echo -n '[{"role":"user","content":"hi there"}]' | sha256sum
        let hash = "4cb32b8b37d667daa09b482a50ac5bd1b4b82af2ae3dbbd28622056fcfb00e0f"
        #expect(facts(#"{"messages": [ {"role": "user", "content": "hi there"} ], "n": 1}"#).promptHash == hash)
        #expect(facts(#"{"prompt": "x"}"#).promptHash == nil)
        #expect(facts(#"{"prompt": "x"}"#, .completions).promptHash != nil)
        #expect(facts(#"{"input": "x"}"#, .responses).promptHash == facts(#"{"input":"x"}"#, .embeddings).promptHash)
    }
}
