import CPython
import Glibc
import Synchronization

/// The thread that Python lives on: the process's main thread.
///
/// Only there do signals work in Python as they do in a plain run: with an interpreter on any other thread,
/// `signal.alarm` in a rubric hangs for ever. The main thread must be lent with ``run()``.
package final class PythonThread: Sendable {
    package static let main = PythonThread()

    /// Runs with the interpreter's lock held, once the interpreter is started.
    package typealias Job = @Sendable (Interpreter) -> Void

    private struct Inbox {
        var jobs: [Job] = []
        var isStopped = false
        /// nil: ``run()`` has not begun.
        var thread: pthread_t?
    }

    private let inbox = Mutex(Inbox())
    private let bell: Int32

    private init() {
        bell = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        precondition(bell >= 0, "eventfd(2) fails only when descriptors or memory are out, which no start survives")
    }

    /// Runs jobs in the order of their coming until ``stop()``. Called once, by the main thread.
    package func run() {
        unblockSignals()
        inbox.withLock { $0.thread = pthread_self() }
        let interpreter = Interpreter(bell: bell)
        while let jobs = next(interpreter) {
            for job in jobs { job(interpreter) }
        }
    }

    /// From any thread.
    package func enqueue(_ job: @escaping Job) {
        let isFirst = inbox.withLock { inbox in
            inbox.jobs.append(job)
            return inbox.jobs.count == 1
        }
        if isFirst { ring() }
    }

    /// Ends ``run()`` once the jobs that wait are done. From any thread.
    package func stop() {
        inbox.withLock { $0.isStopped = true }
        ring()
    }

    /// Sends the thread a signal.
    package func interrupt(_ signal: Int32) {
        if let thread = inbox.withLock({ $0.thread }) { pthread_kill(thread, signal) }
    }

    /// nil: stopped, and nothing waits.
    private func next(_ interpreter: Interpreter) -> [Job]? {
        while true {
            silence()
            let (jobs, isStopped) = inbox.withLock { inbox in
                defer { inbox.jobs = [] }
                return (inbox.jobs, inbox.isStopped)
            }
            if !jobs.isEmpty { return jobs }
            if isStopped { return nil }
            interpreter.rest()
        }
    }

    /// Timers of rubrics, and what ``interrupt(_:)`` sends: a parent may have blocked them, which exec inherits.
    private func unblockSignals() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for signal in [SIGALRM, SIGVTALRM, SIGPROF] + Array(__libc_current_sigrtmin()...__libc_current_sigrtmax()) {
            sigaddset(&signals, signal)
        }
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    private func ring() {
        // Fails only when the count is at its maximum, and then it rings already (eventfd(2)).
        eventfd_write(bell, 1)
    }

    private func silence() {
        var count: eventfd_t = 0
        eventfd_read(bell, &count)
    }
}
