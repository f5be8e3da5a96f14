import RewardModel
import Testing

@Suite("Session ids")
struct SessionIDTests {
    @Test("A minted id has version 7, the variant of RFC 9562 and the time in front")
    func layout() {
        var random = SystemRandomNumberGenerator()
        for milliseconds: UInt64 in [0, 1, 0x0193_AABB_CCDD, 0xFFFF_FFFF_FFFF] {
            let id = SessionID.mint(milliseconds: milliseconds, using: &random)
            #expect(id.high >> 16 == milliseconds)
            #expect(id.high >> 12 & 0xF == 7)
            #expect(id.low >> 62 == 0b10)
        }
    }

    @Test("Only the low 48 bits of the time are kept, and the version stays whole")
    func longTime() {
        var random = Constant(value: .max)
        let id = SessionID.mint(milliseconds: .max, using: &random)
        #expect(id.description == "ffffffff-ffff-7fff-bfff-ffffffffffff")
    }

    @Test("An id without a random bit set")
    func noRandomBits() {
        var random = Constant(value: 0)
        let id = SessionID.mint(milliseconds: 0, using: &random)
        #expect(id.description == "00000000-0000-7000-8000-000000000000")
    }

    @Test("Texts sort by the millisecond in which the id was minted")
    func order() {
        var random = SystemRandomNumberGenerator()
        let minted = (0..<1000).map { SessionID.mint(milliseconds: 1_000_000 + $0, using: &random).description }
        #expect(minted == minted.sorted())
    }

    @Test("Ids of one millisecond differ")
    func distinct() {
        var random = SystemRandomNumberGenerator()
        #expect(Set((0..<10_000).map { _ in SessionID.mint(milliseconds: 5, using: &random) }).count == 10_000)
    }

    @Test("An id reads back from its text, in either case")
    func roundTrip() {
        var random = SystemRandomNumberGenerator()
        let id = SessionID.mint(milliseconds: 0x0193_AABB_CCDD, using: &random)
        #expect(SessionID(id.description) == id)
        #expect(SessionID(id.description.uppercased()) == id)
        #expect(id.description == id.description.lowercased())
    }

    @Test(
        "What is no UUID is refused",
        arguments: [
            "", "0193aabb", "0193aabbccdd7000800000000000000", "0193aabb-ccdd-7000-8000-00000000000",
            "0193aabb-ccdd-7000-8000-0000000000000", "0193aabb-ccdd-7000-8000-00000000000g",
            "0193aabbc-cdd-7000-8000-000000000000", "{193aabb-ccdd-7000-8000-00000000000}",
            "+193aabb-ccdd-7000-8000-000000000000", "0193aabb-ccdd-7000-8000-000000000000-",
            "٠193aabb-ccdd-7000-8000-000000000000", "０193aabb-ccdd-7000-8000-000000000000",
        ]
    )
    func noUUID(text: String) {
        #expect(SessionID(text) == nil)
    }

    @Test("An episode is named by its session and number")
    func episode() throws {
        let session = try #require(SessionID("0193aabb-ccdd-7000-8000-000000000001"))
        let key = EpisodeKey(session: session, number: 4)
        #expect(key.description == "0193aabb-ccdd-7000-8000-000000000001/4")
    }
}

/// Gives the same bits every time.
private struct Constant: RandomNumberGenerator {
    let value: UInt64

    func next() -> UInt64 { value }
}
