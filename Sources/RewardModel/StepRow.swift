package import JSONBytes

/// What passed on the wire in one step, kept with ``Recording/full``. Step 0 is the reset.
package struct StepRow: Sendable, Hashable {
    package var episode: EpisodeKey
    package var step: Int
    /// The action; of step 0 the reset request's data. Without the bridge's own key.
    package var action: RawJSON?
    package var observation: RawJSON
    /// What the environment itself said in `reward`.
    package var reward: RawJSON?
    package var done: Bool
    /// The environment's state after the step, where the rubric asked for it.
    package var state: RawJSON?

    package init(
        episode: EpisodeKey,
        step: Int,
        action: RawJSON?,
        observation: RawJSON,
        reward: RawJSON? = nil,
        done: Bool = false,
        state: RawJSON? = nil
    ) {
        self.episode = episode
        self.step = step
        self.action = action
        self.observation = observation
        self.reward = reward
        self.done = done
        self.state = state
    }
}
