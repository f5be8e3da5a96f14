import RewardModel
import Testing

@Suite("Consumers and their presets")
struct ConsumerTests {
    @Test(
        "Rubrics of steps",
        arguments: [
            (Consumer.generic, Fold.perStep, FailureDelivery.error),
            (.verifiers, .perStep, .error),
            (.trlEnvironment, .running, .null),
            (.trlHarness, .running, .error),
            (.collect, .running, .error),
            (.evalProtocol, .perStep, .error),
        ]
    )
    func steps(consumer: Consumer, fold: Fold, onFailed: FailureDelivery) {
        for unit in [ScoringUnit.step, .batch] {
            let preset = consumer.preset(for: unit)
            #expect(preset.fold == fold)
            #expect(preset.onFailed == onFailed)
            #expect(preset.onUnscored == .null)
        }
    }

    @Test(
        "Rubrics of episodes: summing consumers get 0 before the score, others null",
        arguments: [
            (Consumer.generic, BeforeScore.null), (.verifiers, .zero), (.trlEnvironment, .null), (.trlHarness, .null),
            (.collect, .null), (.evalProtocol, .zero),
        ]
    )
    func episodes(consumer: Consumer, before: BeforeScore) {
        for unit in [ScoringUnit.episode, .group] {
            let preset = consumer.preset(for: unit)
            #expect(preset.fold == .last)
            #expect(preset.before == before)
        }
    }

    @Test("A preset never disagrees with its own consumer", arguments: Consumer.allCases, ScoringUnit.allCases)
    func presetsAgree(consumer: Consumer, unit: ScoringUnit) {
        var options = AttachmentOptions()
        options.consumer = consumer
        #expect(options.policy(for: unit).disagreements(unit: unit) == [])
    }

    @Test("An explicit setting goes before the preset")
    func explicit() {
        var options = AttachmentOptions()
        options.consumer = .trlEnvironment
        options.fold = .last
        options.before = .zero
        options.onFailed = .constant(-1)
        options.onUnscored = .env
        let policy = options.policy(for: .step)
        #expect(policy.fold == .last)
        #expect(policy.before == .zero)
        #expect(policy.onFailed == .constant(-1))
        #expect(policy.onUnscored == .env)
    }

    @Test(
        "What a consumer would read otherwise than the ledger says is found",
        arguments: [
            (Consumer.verifiers, Fold.running, BeforeScore.null, FailureDelivery.error, EpisodeReduce.sum, 1),
            (.verifiers, .perStep, .null, .error, .mean, 1),
            (.verifiers, .running, .null, .null, .sum, 2),
            (.evalProtocol, .delta, .null, .error, .max, 0),
            (.trlEnvironment, .perStep, .null, .null, .sum, 1),
            (.trlEnvironment, .running, .null, .error, .sum, 1),
            (.trlHarness, .last, .zero, .error, .sum, 1),
            (.collect, .delta, .null, .error, .sum, 1),
            (.generic, .running, .zero, .null, .mean, 0),
        ]
    )
    func disagreements(
        consumer: Consumer,
        fold: Fold,
        before: BeforeScore,
        onFailed: FailureDelivery,
        reduce: EpisodeReduce,
        count: Int
    ) {
        var options = AttachmentOptions()
        options.consumer = consumer
        options.fold = fold
        options.before = before
        options.onFailed = onFailed
        options.reduce = reduce
        let findings = options.policy(for: .step).disagreements(unit: .step)
        #expect(findings.count == count)
        #expect(findings.allSatisfy { $0.contains(consumer.rawValue) })
    }

    @Test("A score for each step is not to be had from a rubric of episodes")
    func perStepOfEpisodes() {
        var options = AttachmentOptions()
        options.fold = .perStep
        #expect(options.policy(for: .episode).disagreements(unit: .episode).count == 1)
        #expect(options.policy(for: .step).disagreements(unit: .step) == [])
    }
}
