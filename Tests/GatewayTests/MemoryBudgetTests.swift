import Testing

@testable import Gateway

@Suite("The memory budget")
struct MemoryBudgetTests {
    @Test func theLimitItselfIsAllowed() {
        let budget = MemoryBudget(limit: 100)
        #expect(budget.reserve(60) && budget.reserve(40))
        #expect(!budget.reserve(1) && budget.bytesUsed == 100)
        #expect(budget.reserve(0))
        budget.release(1)
        #expect(!budget.reserve(2) && budget.reserve(1))
    }

    @Test func whatIsHeldAnywayIsCounted() {
        let budget = MemoryBudget(limit: 100)
        budget.take(150)
        #expect(budget.bytesUsed == 150 && !budget.reserve(1))
        budget.release(50)
        #expect(!budget.reserve(1))
        budget.release(100)
        #expect(budget.bytesUsed == 0 && budget.reserve(100))
    }

    @Test func manyThreadsGiveBackWhatTheyTook() async {
        let budget = MemoryBudget(limit: 1_000)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<2_000 where budget.reserve(300) {
                        budget.release(300)
                    }
                }
            }
        }
        #expect(budget.bytesUsed == 0)
    }
}
