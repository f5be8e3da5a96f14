import GRDB
import JSONBytes
import RewardModel

/// Rows of the database as values of the model. Columns go by name; what cannot be read is an error, because a value
/// that is left out would look like one that never was.
extension Row {
    func sessionRow() throws -> SessionRow {
        SessionRow(
            session: try sessionID("id"),
            environment: self["environment"],
            name: self["name"],
            upstreamSession: self["upstream_session"],
            startedAt: self["started_at"],
            endedAt: self["ended_at"]
        )
    }

    func episodeRow() throws -> EpisodeRow {
        let status: String? = self["status"]
        return EpisodeRow(
            key: EpisodeKey(session: try sessionID("session"), number: self["number"]),
            episodeID: self["episode_id"],
            name: self["name"],
            environment: self["environment"],
            version: (self["version"] as String?).map(RubricVersion.init),
            startedAt: self["started_at"],
            endedAt: self["ended_at"],
            end: try optionalWord("ended_by"),
            steps: self["steps"],
            score: status == nil ? nil : try outcome(),
            usable: self["usable"],
            undelivered: self["undelivered"]
        )
    }

    func stepRow() throws -> StepRow {
        StepRow(
            episode: EpisodeKey(session: try sessionID("session"), number: self["episode"]),
            step: self["step"],
            action: json("action"),
            observation: RawJSON(text: self["observation"]),
            reward: json("reward"),
            done: self["done"],
            state: json("state")
        )
    }

    func outcomeRow() throws -> OutcomeRow {
        OutcomeRow(
            key: try outcomeKey(),
            environment: self["environment"],
            rubric: self["rubric"],
            outcome: try outcome(),
            environmentReward: json("environment_reward"),
            delivery: try word("delivery"),
            delivered: json("delivered"),
            weight: self["weight"],
            components: json("components"),
            metrics: json("metrics"),
            labels: json("labels"),
            usable: self["usable"],
            mutable: self["mutable"],
            runTime: (self["run_us"] as Int64?).map { .microseconds($0) },
            waitTime: (self["wait_us"] as Int64?).map { .microseconds($0) },
            createdAt: self["created_at"],
            source: self["source"]
        )
    }

    private func outcomeKey() throws -> OutcomeKey {
        OutcomeKey(
            session: try sessionID("session"),
            episode: self["episode"],
            unit: try word("unit"),
            step: self["step"],
            version: RubricVersion(digest: self["version"]),
            component: self["component"],
            kind: try word("kind")
        )
    }

    private func outcome() throws -> Outcome {
        let status: OutcomeStatus = try word("status")
        let detail: String? = self["detail"]
        switch status {
        case .scored:
            guard let value: Double = self["value"], value.isFinite else { throw unreadable("value") }
            return .scored(value)
        case .unscored: return .unscored(try word("reason"), detail: detail ?? "")
        case .failed: return .failed(try word("reason"), message: detail ?? "")
        case .pending: throw unreadable("status")
        }
    }

    private func json(_ column: String) -> RawJSON? {
        (self[column] as String?).map { RawJSON(text: $0) }
    }

    private func sessionID(_ column: String) throws -> SessionID {
        guard let id = SessionID(self[column] as String) else { throw unreadable(column) }
        return id
    }

    private func word<Word: RawRepresentable<String>>(_ column: String) throws -> Word {
        guard let word: Word = try optionalWord(column) else { throw unreadable(column) }
        return word
    }

    private func optionalWord<Word: RawRepresentable<String>>(_ column: String) throws -> Word? {
        guard let text = self[column] as String? else { return nil }
        guard let word = Word(rawValue: text) else { throw unreadable(column) }
        return word
    }

    private func unreadable(_ column: String) -> BridgeError {
        BridgeError(
            .storage,
            "could not read a row of the ledger: its \(column) '\(self[column] as String? ?? "")' is unknown",
            hint: "a newer rewardbridge may have written it"
        )
    }
}
