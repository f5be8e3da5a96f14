import AdapterSeam
import Glibc
import Logging
import PythonEmbedding
import RewardModel
import Synchronization

/// The interpreter as its components share it: its thread, its open calls, its watchdog.
final class InterpreterPlace: Sendable {
    let options: EmbeddedOptions
    let calls: OpenCalls
    private let python: PythonThread
    private let logger: Logger
    private let word = SharedWord()
    private let slot = HostSlot()
    /// How those who wait for the thread are told that it was given up; nil: it was.
    private let waiting = Mutex<[UInt64: @Sendable () -> Void]?>([:])
    private let lastNumber = Atomic<UInt64>(0)

    init(_ options: EmbeddedOptions, python: PythonThread, logger: Logger) {
        self.options = options
        self.python = python
        self.logger = logger
        calls = OpenCalls(limit: options.queueMax)
    }

    var isGivenUp: Bool { calls.isClosed }

    func newNumber() -> UInt64 {
        lastNumber.add(1, ordering: .relaxed).newValue
    }

    // MARK: - The interpreter's thread

    /// Runs without being waited for; what it throws is logged.
    func attempt(_ body: @escaping @Sendable (EmbeddedHost, _ until: UInt64) throws -> Void) {
        run { [options, logger] host in
            do {
                try body(host, MonotonicClock.instant(after: options.callTimeout))
            } catch {
                logger.warning("embedded Python: \(error)")
            }
        }
    }

    /// Runs without being waited for.
    func run(_ body: @escaping @Sendable (EmbeddedHost) -> Void) {
        python.enqueue { [slot] _ in
            // Components come only after the host.
            if let host = slot.host { body(host) }
        }
    }

    /// Runs and waits for its end.
    /// - Throws: what it throws, or ``BridgeError`` (`.python`) when the interpreter is given up.
    func runToEnd<Value: Sendable>(
        _ body: @escaping @Sendable (Interpreter, HostSlot) throws -> Value
    ) async throws -> Value {
        let number = newNumber()
        return try await withCheckedThrowingContinuation { continuation in
            let isOpen = waiting.withLock { waiting in
                waiting?[number] = { continuation.resume(throwing: Self.givenUp) }
                return waiting != nil
            }
            guard isOpen else { return continuation.resume(throwing: Self.givenUp) }
            python.enqueue { [self] interpreter in
                let result = Result { try body(interpreter, slot) }
                let isWaiting = waiting.withLock { $0?.removeValue(forKey: number) } != nil
                if isWaiting { continuation.resume(with: result) }
            }
        }
    }

    /// Starts the interpreter, its host and its watchdog, unless they run. On the interpreter's thread.
    func start(_ home: PythonHome, _ interpreter: Interpreter) throws -> EmbeddedHost {
        try interpreter.start(home, folders: [options.adapters], probe: EmbeddedHost.module)
        if let host = slot.host { return host }
        let host = try EmbeddedHost(
            word,
            calls: calls,
            signal: Self.signal,
            bell: interpreter.bell,
            callTimeout: options.callTimeout
        )
        interpreter.background = host
        slot.host = host
        let watchdog = Watchdog(word, calls: calls, python: python) { [self] in giveUp() }
        watchdog.start(patience: options.wedgedAfter, signal: Self.signal)
        return host
    }

    func retire(_ number: UInt64) async {
        _ = try? await runToEnd { _, slot in slot.host?.retire(number) }
    }

    // MARK: - The end

    private func giveUp() {
        logger.error("the embedded interpreter is stuck in a call: it is given up until the bridge is started again")
        for call in calls.close() { call.answer(call.isRunning ? .expired(wasRunning: true) : .wedged) }
        let waiting = waiting.withLock { waiting in
            defer { waiting = nil }
            return waiting ?? [:]
        }
        for tell in waiting.values { tell() }
    }

    static let givenUp = BridgeError(
        .python,
        "could not use the embedded Python: it is stuck in a call that cannot be ended",
        hint: "start the bridge again, and run that rubric in workers"
    )

    /// For the watchdog alone; real-time signals have no other meaning (signal(7)), and libraries take the lower ones.
    private static var signal: Int32 { __libc_current_sigrtmax() - 2 }
}

/// Where the host is kept.
final class HostSlot: @unchecked Sendable {
    // Read and written by jobs alone, and so on the interpreter's thread.
    fileprivate(set) var host: EmbeddedHost?
}
