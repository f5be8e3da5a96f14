/// Why a step, an episode or a group has no number: low in cardinality, fit for a metric label.
///
/// The second half is the vocabulary of NeMo Gym 0.7 (`nemo_gym/failure_kinds.py`), so that one name means one thing in
/// both. The Python enum `rewardbridge.kinds.Kind` is generated from this one.
package enum OutcomeKind: String, Sendable, CaseIterable {
    // MARK: Unscored: nobody was at fault

    /// The rubric looked and gave no score (`None`).
    case abstained
    /// The library calls the score invalid or masks it.
    case masked
    /// A step before the connection's first reset.
    case noReset = "no_reset"
    /// No task data was found for the episode.
    case noTask = "no_task"
    /// The rubric needs what the wire or the recording does not hold.
    case needs
    /// The action lists tools; it is never scored.
    case toolListing = "tool_listing"
    /// The connection speaks the validation protocol and is relayed as it is.
    case validation

    // MARK: Failed: a number was due

    /// The call, or the step, ran out of time.
    case timeout
    /// No time was left before the call began.
    case noTime = "no_time"
    /// The worker ended or was ended while it held the call.
    case crash
    /// The rubric raised.
    case exception
    /// The rubric met the memory limit.
    case memory
    /// NaN or an infinity.
    case notFinite = "not_finite"
    /// A value that is no number, such as a string.
    case notANumber = "not_a_number"
    /// A number outside the declared range.
    case outOfRange = "out_of_range"
    /// More or fewer scores than records.
    case wrongCount = "wrong_count"
    /// A file that the score is read from is not there.
    case missingFile = "missing_file"
    /// The call waited too long for a worker, or a queue was full.
    case overloaded
    /// No worker can be had: the circuit is open or the pool is closed.
    case unavailable
    /// The worker broke the protocol.
    case protocolError = "protocol_error"
    /// The record could not be parsed.
    case unreadable
    /// The reply is larger than `score_max_bytes`.
    case tooLarge = "too_large"
    /// Requests and replies of the session no longer pair up.
    case desync
    /// The episode's state died with its worker and could not be rebuilt.
    case stateLost = "state_lost"
    /// The version's files or distributions are not what they were.
    case versionUnavailable = "version_unavailable"
    /// An earlier step of the episode failed.
    case episodeFailed = "episode_failed"
    /// The embedded interpreter no longer answers.
    case wedged

    // MARK: Failed: NeMo Gym's vocabulary

    case transportUnreachable = "transport_unreachable"
    case transportPeerDrop = "transport_peer_drop"
    case transportTimeout = "transport_timeout"
    case transportLocalResource = "transport_local_resource"
    case agentRunError = "agent_run_error"
    case agentRequestFailed = "agent_request_failed"
    case agentTimeout = "agent_timeout"
    case agentCommandNotAllowed = "agent_command_not_allowed"
    case judgeFailed = "judge_failed"
    case judgeUnparseable = "judge_unparseable"
    case verifierError = "verifier_error"
    case providerUnavailable = "provider_unavailable"
    case providerQuotaExhausted = "provider_quota_exhausted"
    case providerOOMKilled = "provider_oom_killed"
    case sessionLost = "session_lost"
    case sessionExpired = "session_expired"
    case sessionReleaseFailed = "session_release_failed"
    case cancelled
    case killShaped = "kill_shaped"
    case shutdown
    case persistenceFailed = "persistence_failed"
    case cohortIncomplete = "cohort_incomplete"

    /// The status that a kind belongs to; a kind never changes sides.
    package var status: OutcomeStatus {
        switch self {
        case .abstained, .masked, .noReset, .noTask, .needs, .toolListing, .validation: .unscored
        default: .failed
        }
    }
}
