import Testing

@testable import WorkerRuntime

@Suite("WorkerPool: episodes of a stateful component")
struct WorkerPoolEpisodeTests {
    static let stateful = ComponentTraits(isStateful: true)

    @Test("an episode stays on its worker, one call at a time, and is closed there")
    func sticky() {
        var script = PoolScript(Self.stateful) { $0.workers = 2 }
        script.open(1, 2)
        #expect(script.submit(11, 12, episode: 1) == ["0: open e1", "0: score 11"])
        #expect(script.submit(21, episode: 2) == ["1: open e2", "1: score 21"])
        #expect(script.answers(0, 11) == ["11 11.0", "0: score 12"])
        #expect(script.close(1) == [], "not before its last call is answered")
        #expect(script.answers(0, 12) == ["12 12.0", "0: close e1"])
        #expect(script.pool.episodes.count == 1)
    }

    @Test("an episode that never scored is forgotten without a word")
    func neverScored() {
        var script = PoolScript(Self.stateful)
        script.open(1)
        #expect(script.close(1) == [])
        #expect(script.pool.episodes.isEmpty)
    }

    @Test("a call of an episode that is not open fails")
    func notOpen() {
        var script = PoolScript(Self.stateful)
        #expect(script.submit(1, episode: 1) == ["1 failed state_lost"])
    }

    @Test("after a death an episode is opened again and its steps are replayed, before it goes on")
    func replay() {
        var script = PoolScript(Self.stateful) { $0.spares = 1 }
        script.open(1, 2)
        for ticket in [11, 12] {
            _ = script.submit(ticket, episode: 1)
            _ = script.answers(0, ticket)
        }
        _ = script.submit(21, episode: 2)
        #expect(script.submit(13, episode: 1) == ["0: score 13"])
        #expect(script.exited(0) == ["21 failed crash", "1: open e1", "1: replay 11"])
        #expect(script.answers(1, 11) == ["1: replay 12"], "answers of replays are dropped")
        #expect(script.answers(1, 12) == ["1: score 13!"])
        #expect(script.answers(1, 13) == ["13 13.0"])
    }

    @Test("the episode whose call brought the worker down is lost until it is closed; idle ones live on")
    func culprit() {
        var script = PoolScript(Self.stateful) { $0.spares = 1 }
        script.open(1, 2)
        _ = script.submit(21, episode: 2)
        _ = script.answers(0, 21)
        _ = script.submit(11, 12, episode: 1)
        #expect(script.exited(0).prefix(2) == ["11 failed crash", "12 failed state_lost"])
        #expect(script.submit(13, episode: 1) == ["13 failed state_lost"])
        #expect(script.close(1) == [])
        #expect(script.submit(22, episode: 2) == ["1: open e2", "1: replay 21"])
        #expect(script.pool.episodes.count == 1)
    }

    @Test("behind a hung call, episodes move with their steps, and the hung worker is told to forget them")
    func hang() {
        var script = PoolScript(Self.stateful) { $0.spares = 1 }
        script.open(1, 2)
        _ = script.submit(21, episode: 2)
        _ = script.answers(0, 21)
        _ = script.submit(11, episode: 1)
        _ = script.submit(22, episode: 2)
        #expect(script.wait(.seconds(1)) == ["0: close e2", "1: open e2", "1: replay 21"])
        #expect(script.answers(1, 21) + script.answers(1, 22) == ["1: score 22!", "22 22.0"])
        #expect(script.answers(0, 11) == ["11 11.0"])
        #expect(script.answers(0, 22) == [])
        #expect(script.submit(12, episode: 1) == ["0: score 12"])
        #expect(script.submit(23, episode: 2) == ["1: score 23"])
    }

    @Test("an episode that is idle on a hung worker moves when it goes on")
    func idleOnHungWorker() {
        var script = PoolScript(Self.stateful) { $0.spares = 1 }
        script.open(1, 2)
        _ = script.submit(21, episode: 2)
        _ = script.answers(0, 21)
        _ = script.submit(11, episode: 1)
        _ = script.wait(.seconds(2))
        #expect(script.submit(22, episode: 2) == ["0: close e2", "1: open e2", "1: replay 21"])
    }

    @Test("a replay that hangs loses its own episode only")
    func hungReplay() {
        var script = PoolScript(Self.stateful) { ($0.spares, $0.restart.firstDelay) = (1, .zero) }
        script.open(1, 2)
        _ = script.submit(11, episode: 1)
        _ = script.answers(0, 11)
        _ = script.exited(0)
        _ = script.loaded(2)
        #expect(script.submit(12, episode: 1) == ["1: open e1", "1: replay 11"])
        #expect(script.submit(21, episode: 2) == ["1: open e2", "1: score 21"])
        #expect(script.wait(.seconds(1)) == ["1: close e2", "2: open e2", "2: score 21!"])
        #expect(script.wait(.seconds(4)).prefix(2) == ["kill 1", "12 failed state_lost"])
    }

    @Test("an episode with more steps than replay_max bytes dies with its worker, and not before")
    func replayMax() {
        var script = PoolScript(Self.stateful) { ($0.spares, $0.replayMax) = (1, 4) }
        script.open(1)
        for ticket in [11, 12, 13] {
            #expect(script.submit(ticket, episode: 1).last == "0: score \(ticket)")
            _ = script.answers(0, ticket)
        }
        _ = script.exited(0)
        #expect(script.submit(14, episode: 1) == ["14 failed state_lost"])
    }

    @Test("a step that was never run leaves a hole: the episode is lost")
    func missedStep() {
        var script = PoolScript(Self.stateful) { $0.inFlight = 1 }
        script.open(1, 2)
        _ = script.submit(21, episode: 2)
        _ = script.submit(11, episode: 1, within: .milliseconds(500))
        _ = script.submit(12, episode: 1)
        #expect(script.wait(.seconds(1)) == ["11 failed overloaded", "12 failed state_lost"])
        #expect(script.submit(13, episode: 1) == ["13 failed state_lost"])
    }

    @Test("a step that was answered late still counts")
    func lateStep() {
        var script = PoolScript(Self.stateful)
        script.open(1)
        _ = script.submit(11, episode: 1, within: .milliseconds(500))
        #expect(script.wait(.milliseconds(500)) == ["11 failed timeout"])
        #expect(script.submit(12, episode: 1) == [], "not before the worker is done with the first")
        #expect(script.answers(0, 11) == ["0: score 12"])
        #expect(script.exited(0).first == "12 failed crash")
    }

    @Test("episodes wait for room on their own worker")
    func backlog() {
        var script = PoolScript(Self.stateful) { ($0.workers, $0.inFlight) = (2, 1) }
        script.open(1, 2, 3)
        _ = script.submit(11, episode: 1)
        _ = script.submit(21, episode: 2)
        _ = script.answers(0, 11)
        #expect(script.submit(31, episode: 3) == ["0: open e3", "0: score 31"])
        #expect(script.submit(12, episode: 1) == [])
        #expect(script.answers(1, 21) == ["21 21.0"], "the other worker does not have its state")
        #expect(script.answers(0, 31) == ["31 31.0", "0: score 12"])
    }
}
