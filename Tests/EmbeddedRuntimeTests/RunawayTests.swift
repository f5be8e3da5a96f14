import Testing

/// What becomes of a call that does not return, of those behind it, and of the process: docs/embedded.md.
@Suite("runaway calls in the embedded interpreter", .serialized)
struct RunawayTests {
    private static let code = """
        import asyncio, re, signal, threading, time

        def fine(action, observation):
            return 1.0

        def byte_code(action, observation):
            while True: pass

        def swallows_exception(action, observation):
            while True:
                try: time.sleep(0.001)
                except Exception: pass

        def swallows_everything(action, observation):
            while True:
                try: time.sleep(0.001)
                except: pass

        def sleeps(action, observation):
            time.sleep(60)
            return 2.0

        def backtracks(action, observation):
            re.match(r"(a+)+b", "a" * 40)
            return 3.0

        def in_c(action, observation):
            return float(sum(range(10**12)))

        async def blocks_the_loop(action, observation):
            while True: pass

        async def waits(action, observation):
            await asyncio.sleep(60)

        def exits(action, observation):
            raise SystemExit(3)

        def has_an_alarm(action, observation):
            def ring(*_): raise TimeoutError()
            signal.signal(signal.SIGALRM, ring)
            signal.setitimer(signal.ITIMER_REAL, 0.05)
            try: time.sleep(60)
            except TimeoutError: return 5.0

        def has_a_thread(action, observation):
            found = []
            thread = threading.Thread(target=lambda: found.append(6.0))
            thread.start()
            thread.join()
            return found[0]
        """

    @Test(
        "is ended within its deadline, and the next call is undisturbed",
        arguments: ["byte_code", "swallows_exception", "sleeps", "backtracks", "blocks_the_loop", "waits"]
    )
    func isEnded(name: String) throws {
        let lines = try Trial.score(Self.code, "fine", name, "fine", name, "fine")
        try #require(lines.count == 6)
        for index in [0, 2, 4] { #expect(lines[index] == "fine: scored(1.0)") }
        for index in [1, 3] { #expect(lines[index].hasPrefix("\(name): failed(RewardModel.OutcomeKind.timeout")) }
        #expect(lines[5] == "given up: false")
    }

    @Test(
        "that cannot be ended fails at its deadline and takes the interpreter, but not the process",
        arguments: ["swallows_everything", "in_c"]
    )
    func isGivenUp(name: String) throws {
        let lines = try Trial.score(Self.code, "fine", name, "fine")
        try #require(lines.count >= 3)
        #expect(lines[0] == "fine: scored(1.0)")
        #expect(lines[1].hasPrefix("\(name): failed(RewardModel.OutcomeKind.timeout"))
        #expect(lines[2].hasPrefix("fine: could not use the embedded Python: it is stuck"))
        #expect(lines.last == "given up: true")
    }

    @Test("alarms, threads and exits do what they do in a plain run")
    func plainRun() throws {
        let lines = try Trial.score(Self.code, "has_an_alarm", "has_a_thread", "exits", "fine")
        try #require(lines.count >= 4)
        #expect(lines[0] == "has_an_alarm: scored(5.0)")
        #expect(lines[1] == "has_a_thread: scored(6.0)")
        #expect(lines[2].hasPrefix("exits: failed(RewardModel.OutcomeKind.exception"))
        #expect(lines.suffix(2) == ["fine: scored(1.0)", "given up: false"])
    }
}
