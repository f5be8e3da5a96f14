import Testing

@testable import EmbeddedRuntime

@Suite("watch over the running call")
struct WatchTests {
    private let second: UInt64 = 1_000_000_000

    @Test("nothing is done while nothing runs, and before the deadline")
    func waits() {
        var watch = Watch(patience: 2 * second)
        #expect(watch.look(until: 0, now: 100 * second) == .nothing)
        #expect(watch.look(until: 5 * second, now: 5 * second - 1) == .nothing)
    }

    @Test("an overdue call is interrupted again and again, with pauses, and then given up")
    func insists() {
        var watch = Watch(patience: second)
        let until = 5 * second
        let actions = stride(from: until, to: until + second + 1, by: 50_000_000).map {
            watch.look(until: until, now: $0)
        }
        let expected = (0..<20).map { $0.isMultiple(of: 2) ? Watch.Action.interrupt : .nothing } + [.giveUp]
        #expect(actions == expected)
    }

    @Test("a call that follows an interrupted one is interrupted at its own deadline, without a pause")
    func countsEachCall() {
        var watch = Watch(patience: second)
        #expect(watch.look(until: 5 * second, now: 5 * second) == .interrupt)
        #expect(watch.look(until: 5 * second + 1000, now: 5 * second + 500) == .nothing)
        #expect(watch.look(until: 5 * second + 1000, now: 5 * second + 1000) == .interrupt)
    }
}
