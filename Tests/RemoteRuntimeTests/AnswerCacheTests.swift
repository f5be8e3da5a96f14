import JSONBytes
import NIOCore
import NIOHTTP1
import Testing

@testable import RemoteRuntime

@Suite("The answer cache")
struct AnswerCacheTests {
    private func key(_ number: Int) -> CallKey { .of("{\"n\": \(number)}") }

    private func answer(_ body: String) -> JudgeAnswer {
        JudgeAnswer(status: .ok, headers: [:], body: ByteBuffer(string: body))
    }

    @Test func theOneAskedForLeastRecentlyGoesFirst() {
        let cache = Kept(entriesMax: 2, bytesMax: 1 << 20)
        cache.insert(answer("1"), for: key(1))
        cache.insert(answer("2"), for: key(2))
        #expect(cache.answer(to: key(1)) == answer("1"))
        cache.insert(answer("3"), for: key(3))
        #expect(cache.answer(to: key(2)) == nil)
        #expect(cache.answer(to: key(1)) == answer("1"))
        #expect(cache.answer(to: key(3)) == answer("3"))
        #expect(cache.count == 2)
    }

    @Test func anAnswerReplacesTheOlderOne() {
        let cache = Kept(entriesMax: 2, bytesMax: 1 << 20)
        cache.insert(answer("long ago"), for: key(1))
        let bytes = cache.bytes
        cache.insert(answer("now"), for: key(1))
        #expect(cache.answer(to: key(1)) == answer("now"))
        #expect(cache.count == 1)
        #expect(cache.bytes == bytes - 5)
    }

    @Test func bytesAreBounded() {
        let cache = Kept(entriesMax: 100, bytesMax: 3 * (256 + 1000))
        for number in 1...5 { cache.insert(answer(String(repeating: "x", count: 1000)), for: key(number)) }
        #expect(cache.count == 3)
        #expect(cache.answer(to: key(2)) == nil)
        #expect(cache.answer(to: key(3)) != nil)
        // At the limit it drives out all others; above, it is not kept, and nothing is driven out.
        cache.insert(answer(String(repeating: "x", count: 3 * 1256 - 256)), for: key(6))
        #expect(cache.count == 1)
        cache.insert(answer(String(repeating: "x", count: 3 * 1256 - 255)), for: key(7))
        #expect(cache.answer(to: key(6)) != nil)
        #expect(cache.count == 1)
    }

    @Test func aCacheOfNoEntriesKeepsNothing() {
        let cache = Kept(entriesMax: 0, bytesMax: 1 << 20)
        cache.insert(answer("1"), for: key(1))
        #expect(cache.answer(to: key(1)) == nil)
        #expect(cache.bytes == 0)
    }

    /// Against a list in the order of use.
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func itDoesWhatAListWouldDo(seed: UInt64) {
        var random = SplitMix(state: seed)
        let cache = Kept(entriesMax: 8, bytesMax: 5 * 300)
        var list: [(number: Int, answer: JudgeAnswer)] = []
        for _ in 0..<2000 {
            let number = Int.random(in: 0..<16, using: &random)
            let known = list.firstIndex { $0.number == number }.map { list.remove(at: $0) }
            if Bool.random(using: &random) {
                #expect(cache.answer(to: key(number)) == known?.answer)
                if let known { list.append(known) }
            } else {
                let new = answer(String(repeating: "y", count: Int.random(in: 0...100, using: &random)))
                cache.insert(new, for: key(number))
                list.append((number, new))
                while list.count > 8 || cost(list) > 5 * 300 { list.removeFirst() }
            }
            #expect(cache.count == list.count)
            #expect(cache.bytes == cost(list))
        }
    }

    private func cost(_ list: [(number: Int, answer: JudgeAnswer)]) -> Int {
        list.reduce(0) { $0 + 256 + $1.answer.body.readableBytes }
    }
}

/// A cache that can be changed inside of an expectation.
private final class Kept {
    private var cache: AnswerCache

    init(entriesMax: Int, bytesMax: Int) {
        cache = AnswerCache(entriesMax: entriesMax, bytesMax: bytesMax)
    }

    func answer(to key: CallKey) -> JudgeAnswer? { cache.answer(to: key) }
    func insert(_ answer: JudgeAnswer, for key: CallKey) { cache.insert(answer, for: key) }
    var count: Int { cache.count }
    var bytes: Int { cache.bytes }
}

extension CallKey {
    /// The key of a chat completion.
    static func of(_ body: String, _ change: (inout JudgeRequest) -> Void = { _ in }) -> CallKey {
        var request = JudgeRequest(route: .chatCompletions, body: ByteBuffer(string: body), arrival: .now)
        change(&request)
        let members = RawJSON(request.body).members() ?? []
        return CallKey(request, members: members, endpoint: "http://127.0.0.1:1/v1", generation: 1)
    }
}
