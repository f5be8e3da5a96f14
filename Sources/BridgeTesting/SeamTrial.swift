import AdapterSeam
import JSONBytes
import RewardModel

/// One run of ``SeamContract``: its clauses, each with components of its own.
struct SeamTrial {
    let runtime: any ComponentRuntime
    let python: String
    let root: String

    func givesTypedOutcomes() async throws {
        try await with("give") { component in
            let calls = SeamContract.outcomes.enumerated().map { call($0, #"{"give": \#($1.give)}"#) }
            let answers = try await score(calls, on: component)
            for (ticket, expected) in SeamContract.outcomes.enumerated() {
                guard let result = answers[UInt64(ticket)] else { throw ContractBreach("ticket \(ticket) is missing") }
                let outcome = result.outcome
                guard (outcome.status, outcome.value, outcome.kind) == (expected.status, expected.value, expected.kind)
                else { throw ContractBreach("a rubric gave \(expected.give), and the outcome was \(outcome)") }
                if expected.kind == .exception, outcome.text?.contains("no digits") != true {
                    throw ContractBreach("the text of an exception is lost: \(outcome)")
                }
                if expected.give == #""parts""#, result.components?.elements()?.count != 1 {
                    throw ContractBreach("the parts of a score are lost: \(result)")
                }
            }
        }
    }

    func answersEachCallOnce() async throws {
        try await with("give") { component in
            let answers = try await score((0..<500).map { call($0, #"{"give": \#($0)}"#) }, on: component)
            for ticket in UInt64(0)..<500 where answers[ticket]?.outcome != .scored(Double(ticket)) {
                throw ContractBreach("ticket \(ticket) was answered with \(answers[ticket].debugDescription)")
            }
        }
    }

    /// Sums of interleaved episodes: a step too many, too few or out of place shows in all later ones.
    func keepsEpisodesApart() async throws {
        try await with("Sum") { component in
            guard component.description.isStateful else { throw ContractBreach("a class is not described as stateful") }
            for episode in 1...4 { component.open(key(episode)) }
            let calls = (0..<40).map { call($0, #"{"give": \#($0)}"#, episode: $0 % 4 + 1) }
            let collector = AnswerCollector()
            component.score(calls, into: collector)
            for episode in 1...4 { component.close(key(episode)) }
            try await collector.wait(for: 40)
            for episode in 0..<4 {
                let tickets = stride(from: episode, to: 40, by: 4)
                var sum = 0
                for ticket in tickets {
                    sum += ticket
                    let outcome = collector.outcomes[UInt64(ticket)]
                    if outcome != .scored(Double(sum)) {
                        throw ContractBreach("step \(ticket / 4) gave \(outcome.debugDescription) and not \(sum)")
                    }
                }
                let order = collector.answers.map(\.ticket).filter { $0 % 4 == episode }
                if order != order.sorted() { throw ContractBreach("steps of an episode were answered out of order") }
            }
            try await startsAnew(on: component)
        }
    }

    private func startsAnew(on component: any LoadedComponent) async throws {
        component.open(key(5))
        let answers = try await score([call(0, #"{"give": 7}"#, episode: 5)], on: component)
        if answers[0]?.outcome != .scored(7) { throw ContractBreach("a new episode did not begin at its beginning") }
        component.close(key(5))
        let late = try await score([call(0, #"{"give": 7}"#, episode: 5)], on: component)
        if late[0]?.outcome.isFailed != true { throw ContractBreach("a closed episode was scored") }
    }

    func runsAsynchronousCallsTogether() async throws {
        try await with("wait") { component in
            guard component.description.isAsynchronous else {
                throw ContractBreach("a coroutine function is not described as asynchronous")
            }
            let start = ContinuousClock.now
            let calls = (0..<8).map { call($0, #"{"seconds": 0.5, "give": \#($0)}"#) }
            let answers = try await score(calls, on: component)
            for ticket in 0..<8 where answers[UInt64(ticket)]?.outcome != .scored(Double(ticket)) {
                throw ContractBreach("ticket \(ticket) was answered wrongly")
            }
            let duration = ContinuousClock.now - start
            if duration > .seconds(3) { throw ContractBreach("8 calls that wait 0.5 s took \(duration)") }
        }
    }

    func answersAtTheDeadline() async throws {
        try await with("sleep") { component in
            let start = ContinuousClock.now
            let late = call(0, #"{"seconds": 4, "give": 1}"#, within: .milliseconds(500))
            let past = call(1, #"{"seconds": 0, "give": 1}"#, within: .zero)
            let answers = try await score([late, past], on: component)
            let duration = ContinuousClock.now - start
            if answers[0]?.outcome.kind != .timeout || answers[1]?.outcome.isFailed != true {
                throw ContractBreach("deadlines passed, and the answers were \(answers)")
            }
            if duration > .seconds(3) { throw ContractBreach("a deadline of 0.5 s was answered after \(duration)") }
            let next = try await score([call(0, #"{"seconds": 0, "give": 2}"#)], on: component)
            if next[0]?.outcome != .scored(2) {
                throw ContractBreach("after a timeout the next call gave \(next[0].debugDescription)")
            }
        }
    }

    func refusesWhatIsNotThere() async throws {
        try await refuses("no_such_function", expected: nil)
    }

    func refusesOtherDistributions() async throws {
        try await refuses("give", expected: [Distribution(name: "no-such-thing", version: "1", recordSHA256: nil)])
    }

    private func refuses(_ name: String, expected: [Distribution]?) async throws {
        do {
            let component = try await runtime.load(try source(name, expected: expected))
            await component.retire()
        } catch let error as BridgeError {
            if error.code != .rubric { throw ContractBreach("a refusal has the code \(error.code): \(error)") }
            return
        }
        throw ContractBreach("'\(name)' was loaded, although it could not be")
    }

    func answersTheRestWhenRetired() async throws {
        let component = try await runtime.load(try source("sleep"))
        let collector = AnswerCollector()
        component.score((0..<3).map { call($0, #"{"seconds": 1, "give": 1}"#) }, into: collector)
        await component.retire()
        component.score([call(3, #"{"seconds": 0, "give": 1}"#)], into: collector)
        try await collector.wait(for: 4)
        for answer in collector.answers where answer.result.outcome.kind != .unavailable {
            throw ContractBreach("a call of a retired component was answered \(answer.result.outcome)")
        }
    }

    // MARK: - Components and calls

    private func with(_ name: String, _ body: (any LoadedComponent) async throws -> Void) async throws {
        let component = try await runtime.load(try source(name))
        do {
            try await body(component)
        } catch {
            await component.retire()
            throw error
        }
        await component.retire()
    }

    private func source(_ name: String, expected: [Distribution]? = nil) throws -> ComponentSource {
        ComponentSource(
            reference: try ComponentReference("python:rubrics.py:\(name)"),
            settings: RawJSON("{}"),
            root: root,
            python: python,
            expected: expected
        )
    }

    /// The results by ticket, each answered once.
    private func score(
        _ calls: [ScoreCall],
        on component: any LoadedComponent
    ) async throws -> [UInt64: ComponentResult] {
        let collector = AnswerCollector()
        component.score(calls, into: collector)
        try await collector.wait(for: calls.count)
        var results: [UInt64: ComponentResult] = [:]
        for answer in collector.answers {
            let previous = results.updateValue(answer.result, forKey: answer.ticket)
            if previous != nil { throw ContractBreach("ticket \(answer.ticket) was answered twice") }
        }
        return results
    }

    private func call(
        _ ticket: Int,
        _ action: String,
        episode: Int = 0,
        within deadline: Duration = .seconds(30)
    ) -> ScoreCall {
        let step = #"{"index":1,"action":\#(action),"observation":{},"reward":null,"done":false}"#
        return ScoreCall(
            ticket: UInt64(ticket),
            episode: key(episode),
            record: RawJSON(text: #"{"schema":"evalrec/1","steps":[\#(step)]}"#),
            deadline: .now + deadline
        )
    }

    private func key(_ number: Int) -> EpisodeKey {
        EpisodeKey(session: SessionID(high: 1, low: 1), number: number)
    }
}
