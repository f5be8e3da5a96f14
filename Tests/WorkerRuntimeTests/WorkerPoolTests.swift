import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("WorkerPool: calls without state")
struct WorkerPoolTests {
    @Test("the least loaded worker is next, and spares stay idle")
    func leastLoaded() {
        var script = PoolScript { ($0.workers, $0.spares) = (2, 1) }
        #expect(script.submit(1, 2, 3) == ["0: score 1", "1: score 2", "0: score 3"])
        #expect(script.answers(1, 2) == ["2 2.0"])
        #expect(script.submit(4, 5) == ["1: score 4", "1: score 5"])
        #expect(script.pool.workers.count == 3)
    }

    @Test("a worker holds in_flight calls, and queue_max wait; the next fails")
    func bounds() {
        var script = PoolScript { ($0.inFlight, $0.queueMax) = (2, 1) }
        #expect(script.submit(1, 2, 3, 4) == ["0: score 1", "0: score 2", "4 failed overloaded"])
        #expect(script.answers(0, 1) == ["1 1.0", "0: score 3"])
    }

    @Test("a record that fits no frame fails by itself")
    func tooLarge() {
        var script = PoolScript { $0.frameMax = WorkerMessage.scoreOverhead + 1 }
        #expect(script.submit(1, 22) == ["0: score 1", "22 failed too_large"])
    }

    @Test("no time left is told before the call begins")
    func noTime() {
        var script = PoolScript()
        #expect(script.submit(1, within: .zero) == ["1 failed no_time"])
    }

    // MARK: - Deadlines

    @Test("a deadline that passes in the queue, or behind another call, kills nobody")
    func deadlineWhileWaiting() {
        var script = PoolScript { $0.inFlight = 2 }
        _ = script.submit(1)
        _ = script.submit(2, 3, within: .milliseconds(500))
        #expect(script.wait(.milliseconds(600)) == ["3 failed overloaded", "2 failed overloaded"])
        #expect(script.answers(0, 1) == ["1 1.0"])
        #expect(script.answers(0, 2) == [])
        #expect(script.pool.statistics.lateAnswers == 1)
        #expect(script.submit(4) == ["0: score 4"])
    }

    @Test("a running call times out at its deadline, and its worker only at call_timeout")
    func deadlineWhileRunning() {
        var script = PoolScript()
        _ = script.submit(1, within: .seconds(2))
        #expect(script.wait(.seconds(2)) == ["1 failed timeout"])
        #expect(script.wait(.milliseconds(2_999)) == [])
        #expect(script.wait(.milliseconds(1)) == ["kill 0"])
    }

    @Test("a late answer is dropped, and the worker goes on")
    func lateAnswer() {
        var script = PoolScript()
        _ = script.submit(1, within: .seconds(2))
        _ = script.wait(.seconds(3))
        #expect(script.answers(0, 1) == [])
        #expect(script.pool.statistics.lateAnswers == 1)
        #expect(script.wait(.seconds(60)) == [])
    }

    @Test("call_timeout starts when the call becomes the oldest")
    func timeoutStartsWhenOldest() {
        var script = PoolScript()
        _ = script.submit(1, 2)
        _ = script.wait(.milliseconds(4_900))
        _ = script.answers(0, 1)
        #expect(script.wait(.milliseconds(4_900)) == [])
        #expect(script.wait(.milliseconds(100)).prefix(2) == ["kill 0", "2 failed timeout"])
    }

    // MARK: - Hangs and deaths

    @Test("calls behind a hung one move once, to the spare; a recovered worker's answers to them are dropped")
    func hang() {
        var script = PoolScript { $0.spares = 1 }
        #expect(script.submit(1, 2, 3) == ["0: score 1", "0: score 2", "0: score 3"])
        #expect(script.wait(.seconds(1)) == ["1: score 2!", "1: score 3!"])
        #expect(script.answers(1, 2) == ["2 2.0"])
        #expect(script.answers(0, 1) == ["1 1.0"])
        #expect(script.answers(0, 2) == [])
        #expect(script.wait(.seconds(1)) == [], "a call does not move twice because of hangs")
        #expect(script.pool.statistics.moves == 2)
    }

    @Test("the call that the worker says it runs is blamed, and those that are done move with the rest")
    func hangBehindDoneCalls() {
        var script = PoolScript { $0.spares = 1 }
        _ = script.submit(1, 2, 3)
        script.runs(0, 2)
        #expect(script.wait(.seconds(1)) == ["1: score 1!", "1: score 3!"])
        #expect(script.wait(.seconds(4)) == ["kill 0", "2 failed timeout"])
    }

    @Test("a crash is put down to the call that the worker said it runs")
    func crashBehindDoneCalls() {
        var script = PoolScript { $0.restart.firstDelay = .zero }
        _ = script.submit(1, 2, 3, 4)
        script.runs(0, 3)
        #expect(script.exited(0) == ["3 failed crash", "start 1"])
        #expect(script.loaded(1) == ["1: score 1!", "1: score 2!", "1: score 4!"])
    }

    @Test("a worker that names a call which it does not hold is taken to run its oldest")
    func nonsenseProgress() {
        var script = PoolScript()
        _ = script.submit(1, 2)
        script.pool.workerRuns(.max, WorkerID(number: 0))
        #expect(script.exited(0).first == "1 failed crash")
    }

    @Test("while a worker hangs, new calls go to the spare; afterwards to the worker again")
    func hungWorkerIsLeftAlone() {
        var script = PoolScript { $0.spares = 1 }
        _ = script.submit(1)
        _ = script.wait(.seconds(1))
        #expect(script.submit(2) == ["1: score 2"])
        #expect(script.answers(0, 1) == ["1 1.0"])
        #expect(script.submit(3) == ["0: score 3"])
    }

    @Test("with nobody to take them, calls stay behind the hung one until somebody is there")
    func hangAlone() {
        var script = PoolScript()
        _ = script.submit(1, 2)
        #expect(script.wait(.seconds(4)) == [])
        #expect(script.wait(.seconds(1)) == ["kill 0", "1 failed timeout"])
        #expect(script.wait(.milliseconds(100)) == ["start 1"])
        #expect(script.loaded(1) == ["1: score 2!"])
    }

    @Test("a crash fails the running call and moves the others, until moves_max")
    func crash() {
        var script = PoolScript { $0.restart.firstDelay = .zero }
        _ = script.submit(1, 2, 3, 4)
        #expect(script.exited(0) == ["1 failed crash", "start 1"])
        #expect(script.loaded(1) == ["1: score 2!", "1: score 3!", "1: score 4!"])
        #expect(script.exited(1) == ["2 failed crash", "start 2"])
        #expect(script.loaded(2) == ["2: score 3!", "2: score 4!"])
        #expect(script.exited(2) == ["3 failed crash", "4 failed crash", "start 3"])
        #expect(script.pool.waiting == 0)
    }

    @Test("a worker that breaks the protocol is killed, its running call fails, the others move")
    func breach() {
        var script = PoolScript { $0.spares = 1 }
        _ = script.submit(1, 2)
        #expect(script.broke(0) == ["kill 0", "1 failed protocol_error", "1: score 2!"])
        #expect(script.answers(0, 2) == [], "what a killed worker says is dropped")
        #expect(script.exited(0) == [])
    }

    @Test("a worker that closes its socket has stop_timeout to end, and crashed if it does")
    func closedThenExited() {
        var script = PoolScript { $0.spares = 1 }
        _ = script.submit(1, 2)
        #expect(script.closed(0) == [])
        #expect(script.exited(0).prefix(2) == ["1 failed crash", "1: score 2!"])
    }

    @Test("a worker that closes its socket and lives on broke the protocol")
    func closedAndAlive() {
        var script = PoolScript { $0.spares = 1 }
        _ = script.submit(1, 2)
        _ = script.closed(0)
        #expect(script.wait(.seconds(2)).prefix(2) == ["kill 0", "1 failed protocol_error"])
    }

    @Test("second answers and unknown ids are dropped and counted")
    func unknownAnswers() {
        var script = PoolScript()
        _ = script.submit(1)
        #expect(script.answers(0, 1) == ["1 1.0"])
        #expect(script.answers(0, 1) == [])
        #expect(script.answers(0, 99) == [])
        #expect(script.pool.statistics.unknownAnswers == 2)
    }

    // MARK: - Asynchronous components

    @Test("asynchronous calls have a timer each, and only the late one is blamed")
    func asynchronous() {
        var script = PoolScript(ComponentTraits(isAsynchronous: true)) { $0.spares = 1 }
        _ = script.submit(1)
        _ = script.wait(.seconds(3))
        #expect(script.submit(2, 3) == ["0: score 2", "0: score 3"])
        #expect(script.answers(0, 3) == ["3 3.0"])
        #expect(script.wait(.seconds(2)).prefix(3) == ["kill 0", "1 failed timeout", "1: score 2!"])
    }

    @Test("nobody can tell which asynchronous call a worker died of: all fail")
    func asynchronousCrash() {
        var script = PoolScript(ComponentTraits(isAsynchronous: true))
        _ = script.submit(1, 2)
        #expect(Set(script.exited(0)) == ["1 failed crash", "2 failed crash"])
    }

    // MARK: - Restarts

    @Test("the wait before a restart doubles, and is forgotten after an answer")
    func backOff() {
        var script = PoolScript { $0.restart.failuresMax = 100 }
        #expect(script.exited(0) == [])
        #expect(script.wait(.milliseconds(100)) == ["start 1"])
        #expect(script.failed(1) == [])
        #expect(script.wait(.milliseconds(199)) == [])
        #expect(script.wait(.milliseconds(1)) == ["start 2"])
        _ = script.loaded(2)
        _ = script.submit(1)
        _ = script.answers(2, 1)
        _ = script.exited(2)
        #expect(script.wait(.milliseconds(100)) == ["start 3"])
    }

    @Test("too many failures open the circuit: calls fail at once, one worker is tried after the cool-down")
    func circuit() {
        var script = PoolScript { ($0.restart.failuresMax, $0.restart.firstDelay, $0.workers) = (3, .zero, 2) }
        _ = script.exited(0)
        _ = script.exited(1)
        _ = script.submit(1)
        _ = script.failed(2)
        #expect(script.failed(3) == ["1 failed unavailable"])
        #expect(script.submit(2) == ["2 failed unavailable"])
        #expect(script.wait(.seconds(29)) == [])
        #expect(script.wait(.seconds(1)) == ["start 4"], "one, although two are wanted")
        #expect(script.submit(3) == [], "a call waits for the worker on trial")
        #expect(script.loaded(4) == ["4: score 3"])
        #expect(script.answers(4, 3) == ["start 5", "3 3.0"])
    }

    @Test("a worker on trial that fails opens the circuit again")
    func circuitReopens() {
        var script = PoolScript { ($0.restart.failuresMax, $0.restart.firstDelay) = (1, .zero) }
        _ = script.exited(0)
        #expect(script.wait(.seconds(30)) == ["start 1"])
        #expect(script.failed(1, .versionUnavailable) == [])
        #expect(script.submit(1) == ["1 failed version_unavailable"])
        #expect(script.wait(.seconds(30)) == ["start 2"])
    }

    // MARK: - Retirement

    @Test("retirement answers everything, stops the workers, and kills those that stay")
    func retire() {
        var script = PoolScript { ($0.workers, $0.inFlight) = (2, 1) }
        _ = script.submit(1, 2, 3)
        let failures = ["3 failed unavailable", "1 failed unavailable", "2 failed unavailable"]
        #expect(script.retire() == failures + ["0: stop", "1: stop"])
        #expect(script.submit(4) == ["4 failed unavailable"])
        #expect(script.exited(0) == [])
        #expect(!script.pool.isRetired)
        #expect(script.wait(.seconds(2)) == ["kill 1"])
        #expect(script.exited(1) == [])
        #expect(script.pool.isRetired)
    }
}
