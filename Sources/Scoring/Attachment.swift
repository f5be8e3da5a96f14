package import RewardModel

/// A rubric in front of an environment, with everything that decides how its scores reach the client.
package struct Attachment: Sendable {
    /// The environment's name in the configuration.
    package let environment: String
    package let active: RubricBinding
    /// Rubrics that a reset may pick instead.
    package let choices: [String: RubricBinding]
    package let tasks: TaskTable?
    package let recording: Recording
    /// Bytes of steps kept of one episode; an episode that outgrows it is `failed(too_large)`.
    package let historyMax: Int
    /// Whether the environment's state is asked for after a reset.
    package let needsStateAtReset: Bool
    /// Whether the environment's state is asked for after each step. All choices are asked alike, because a step is
    /// forwarded before it is known which of several pipelined resets it follows.
    package let needsStateAtStep: Bool

    package init(
        environment: String,
        active: RubricBinding,
        choices: [String: RubricBinding] = [:],
        tasks: TaskTable? = nil,
        recording: Recording,
        historyMax: Int
    ) {
        self.environment = environment
        self.active = active
        self.choices = choices
        self.tasks = tasks
        self.recording = recording
        self.historyMax = historyMax
        needsStateAtStep = active.plan.needsState || choices.values.contains { $0.plan.needsState }
        needsStateAtReset = needsStateAtStep || tasks?.pointer.root == .state
    }
}
