import JSONBytes
import Testing

@testable import Scoring

@Suite("What is kept of an episode")
struct EpisodeMaterialTests {
    private func step(_ index: Int, bytes: Int = 40) -> StepMaterial {
        StepMaterial(
            index: index,
            action: RawJSON("{}"),
            observation: RawJSON(text: String(repeating: "1", count: bytes - 2)),
            reward: nil,
            done: false,
            state: nil
        )
    }

    @Test func anEpisodeThatOutgrewItsMemoryHoldsNothing() {
        var material = EpisodeMaterial()
        for index in 1...2 { material.add(step(index), keepingEarlier: true, within: 100) }
        #expect(material.steps.map(\.index) == [1, 2] && !material.hasOutgrown)
        for index in 3...10 { material.add(step(index), keepingEarlier: true, within: 100) }
        #expect(material.steps.isEmpty && material.hasOutgrown)
        material.add(step(11, bytes: 10), keepingEarlier: true, within: 100)
        #expect(material.steps.isEmpty && material.hasOutgrown)
    }

    @Test func aStepThatIsTooLargeAloneIsForgottenWithTheNext() {
        var material = EpisodeMaterial()
        material.add(step(1, bytes: 101), keepingEarlier: false, within: 100)
        #expect(material.steps.isEmpty && material.hasOutgrown)
        material.add(step(2, bytes: 100), keepingEarlier: false, within: 100)
        #expect(material.steps.map(\.index) == [2] && !material.hasOutgrown)
    }
}
