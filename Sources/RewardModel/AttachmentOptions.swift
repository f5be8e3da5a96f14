/// An attachment's settings as they were given: nil where the consumer's preset decides.
package struct AttachmentOptions: Sendable, Hashable {
    package var consumer = Consumer.generic
    package var delivery = Delivery.inline
    package var fold: Fold?
    package var before: BeforeScore?
    package var onFailed: FailureDelivery?
    package var onUnscored: UnscoredDelivery?
    package var reduce = EpisodeReduce.sum
    package var deadline = Duration.seconds(30)
    package var clientTimeout = Duration.seconds(60)
    package var range: ScoreRange?
    package var breakdown = false
    package var durability = Durability.window

    package init() {}

    /// The settings in force for a rubric of that unit.
    package func policy(for unit: ScoringUnit) -> AttachmentPolicy {
        let preset = consumer.preset(for: unit)
        return AttachmentPolicy(
            consumer: consumer,
            delivery: delivery,
            fold: fold ?? preset.fold,
            before: before ?? preset.before,
            onFailed: onFailed ?? preset.onFailed,
            onUnscored: onUnscored ?? preset.onUnscored,
            reduce: reduce,
            deadline: deadline,
            clientTimeout: clientTimeout,
            range: range,
            breakdown: breakdown,
            durability: durability
        )
    }
}
