package import AdapterSeam
import Foundation
import JSONBytes
import RewardModel

/// What every ``ComponentRuntime`` must do, shown on small Python rubrics (``rubrics``) that the `python` adapter loads.
///
/// A test makes its runtime, and runs this on it.
package struct SeamContract: Sendable {
    package init() {}

    /// - Parameter python: the Python executable, an absolute path.
    /// - Throws: ``ContractBreach`` that says what the runtime did and what it should have done.
    package func run(runtime: any ComponentRuntime, python: String) async throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "rewardbridge-seam-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        try Data(Self.rubrics.utf8).write(to: root.appending(path: "rubrics.py"))

        let trial = SeamTrial(runtime: runtime, python: python, root: root.path(percentEncoded: false))
        try await trial.givesTypedOutcomes()
        try await trial.answersEachCallOnce()
        try await trial.keepsEpisodesApart()
        try await trial.runsAsynchronousCallsTogether()
        try await trial.answersAtTheDeadline()
        try await trial.refusesWhatIsNotThere()
        try await trial.refusesOtherDistributions()
        try await trial.answersTheRestWhenRetired()
    }

    /// The file `rubrics.py`. An action's `give` is a number to be given back, or a word.
    package static let rubrics = """
        import asyncio
        import math
        import time


        def give(action, observation):
            what = action["give"]
            if what == "raise":
                raise ValueError("no digits")
            return {
                "none": None,
                "nan": math.nan,
                "infinity": math.inf,
                "text": "five",
                "true": True,
                "parts": {"reward": 0.5, "format": 1.0},
            }.get(what, what)


        class Sum:
            def __init__(self):
                self.total = 0

            def score(self, action, observation):
                self.total += action["give"]
                return self.total


        async def wait(action, observation):
            await asyncio.sleep(action["seconds"])
            return action["give"]


        def sleep(action, observation):
            time.sleep(action["seconds"])
            return action["give"]
        """

    /// Actions for `give`, and what they give.
    static let outcomes: [(give: String, status: OutcomeStatus, value: Double?, kind: OutcomeKind?)] = [
        ("0.5", .scored, 0.5, nil),
        ("0", .scored, 0, nil),
        ("-1e300", .scored, -1e300, nil),
        (#""true""#, .scored, 1, nil),
        (#""parts""#, .scored, 0.5, nil),
        (#""none""#, .unscored, nil, .abstained),
        (#""nan""#, .failed, nil, .notFinite),
        (#""infinity""#, .failed, nil, .notFinite),
        (#""text""#, .failed, nil, .notANumber),
        (#""raise""#, .failed, nil, .exception),
    ]
}
