import Logging
import NIOCore
import NIOHTTP1
import Synchronization

/// One judge at work: answers calls from its cache or from its endpoint, within its limits, and reports each.
final class Judge: Sendable {
    /// The end of a call that went to the endpoint.
    private struct Ending {
        /// nil when the call was cancelled.
        var answer: JudgeAnswer?
        var attempts: Int
    }

    let options: JudgeOptions
    private let endpoint: JudgeEndpoint
    private let journal: any JudgeJournal
    private let jitter: @Sendable () -> Double
    private let queue: CallQueue
    private let cache: Mutex<AnswerCache>
    private let schedule: RetrySchedule

    /// - Parameter jitter: at least 0 and below 1, asked for each pause between attempts.
    init(
        _ options: JudgeOptions,
        endpoint: JudgeEndpoint,
        journal: any JudgeJournal,
        jitter: @escaping @Sendable () -> Double,
        loop: any EventLoop
    ) {
        self.options = options
        self.endpoint = endpoint
        self.journal = journal
        self.jitter = jitter
        let limiter = CallLimiter(
            concurrency: options.concurrency,
            perMinute: options.requestsPerMinute,
            queueMax: options.queueMax
        )
        queue = CallQueue(limiter, loop: loop)
        cache = Mutex(AnswerCache(entriesMax: options.cacheEntriesMax, bytesMax: options.cacheBytesMax))
        schedule = RetrySchedule(attempts: options.attempts, first: options.backoff, most: options.backoffMax)
    }

    /// Always answers, at the latest when the call's time is up; at once, with 503, when the task is cancelled.
    func reply(to request: JudgeRequest) async -> JudgeReply {
        let facts = RequestFacts(request)
        let key = key(of: request, facts)
        if let key, let answer = cache.withLock({ $0.answer(to: key) }) {
            let record = report(request, facts, Ending(answer: answer, attempts: 0), isCached: true)
            return JudgeReply(answer: answer, attempts: 0, isCached: true, record: record)
        }
        let ending = await ask(request)
        if let key, let answer = ending.answer, answer.isWorthKeeping {
            cache.withLock { $0.insert(answer, for: key) }
        }
        let record = report(request, facts, ending, isCached: false)
        let answer = ending.answer ?? .stopping
        return JudgeReply(answer: answer, attempts: ending.attempts, isCached: false, record: record)
    }

    /// Begins no further attempt: a call that is cancelled must not make room for the next one.
    func stop() {
        queue.close()
    }

    private func key(of request: JudgeRequest, _ facts: RequestFacts) -> CallKey? {
        guard let members = facts.members, facts.isCacheable(options.cache) else { return nil }
        return CallKey(request, members: members, endpoint: endpoint.url, generation: options.cacheGeneration)
    }

    /// Ends the attempts when the time is up.
    private func ask(_ request: JudgeRequest) async -> Ending {
        let deadline = request.arrival + min(request.patience ?? options.timeout, options.timeout)
        return await withTaskGroup(of: Ending?.self) { group in
            group.addTask { await self.attempt(request, until: deadline) }
            group.addTask {
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            var ending: Ending?
            for await result in group {
                ending = ending ?? result
                group.cancelAll()
            }
            // There is an ending: the first task always has one.
            var last = ending ?? Ending(attempts: 0)
            if last.answer == nil, ContinuousClock.now >= deadline { last.answer = .timeIsUp }
            return last
        }
    }

    private func attempt(_ request: JudgeRequest, until deadline: ContinuousClock.Instant) async -> Ending {
        var attempts = 0
        do {
            let ticket = try queue.enter()
            defer { queue.leave(ticket) }
            while true {
                try await queue.turn(ticket)
                attempts += 1
                let attempt = try await endpoint.send(request)
                guard attempt.isPassing else { return Ending(answer: attempt.answer, attempts: attempts) }
                guard let pause = pause(after: attempts, attempt, until: deadline) else {
                    return Ending(answer: attempt.answer.last, attempts: attempts)
                }
                try await Task.sleep(for: pause)
                queue.retry(ticket)
            }
        } catch let full as CallQueue.Full {
            return Ending(answer: .queueFull(full.patience), attempts: 0)
        } catch {
            return Ending(attempts: attempts)
        }
    }

    private func pause(
        after attempts: Int,
        _ attempt: JudgeEndpoint.Attempt,
        until deadline: ContinuousClock.Instant
    ) -> Duration? {
        let left = deadline - .now
        return schedule.pause(after: attempts, asked: attempt.retryAfter, jitter: jitter(), left: left)
    }

    private func report(
        _ request: JudgeRequest,
        _ facts: RequestFacts,
        _ ending: Ending,
        isCached: Bool
    ) -> JudgeCallRecord {
        let spent = isCached ? nil : ending.answer
        let record = JudgeCallRecord(
            judge: options.name,
            route: request.route.rawValue,
            promptHash: facts.promptHash,
            model: facts.model,
            seed: facts.seed,
            temperature: facts.temperature,
            status: ending.answer.map { Int($0.status.code) },
            attempts: ending.attempts,
            isCached: isCached,
            duration: .now - request.arrival,
            usage: spent?.usage,
            cost: spent?.cost
        )
        journal.record(record)
        return record
    }
}
