import CPython
import Glibc
import RewardModel

/// The embedded interpreter. Lives on one thread, where ``PythonThread`` runs its jobs, and never leaves it.
package final class Interpreter {
    /// The one that was started; there is never a second in a process.
    package private(set) var home: PythonHome?
    /// Asynchronous work that goes on while no job waits; set by whoever starts it.
    package var background: (any BackgroundWork)?
    /// Readable when jobs wait.
    package let bell: Int32

    init(bell: Int32) {
        self.bell = bell
    }

    /// Starts it, and makes sure that it is what it should be: with a wrong home it would come up all the same, without
    /// the environment's packages.
    ///
    /// - Parameters:
    ///   - folders: put first on the path.
    ///   - probe: a module that must be importable.
    /// - Throws: ``BridgeError`` (`.python`). After that no other Python can be embedded in this process.
    package func start(_ home: PythonHome, folders: [String], probe: String) throws {
        if let running = self.home {
            guard running != home else { return }
            throw error(home, "this process embeds '\(running.executable)' already, and can embed no second one")
        }
        try open(home)
        self.home = home
        if let reason = cpython_start(home.executable) { throw error(home, String(cString: reason)) }
        do {
            try check(home)
            let path = try PythonObject(importing: "sys").attribute("path").attribute("insert")
            for folder in folders.reversed() { try path.call(.integer(0), .text(folder)) }
            _ = try PythonObject(importing: probe)
        } catch let failure as PythonFailure {
            throw error(home, "module '\(probe)' cannot be imported: \(failure)")
        }
    }

    private func open(_ home: PythonHome) throws {
        var reasons: [String] = []
        for library in home.libraries {
            guard let reason = cpython_open(library) else { return }
            reasons.append(String(cString: reason))
        }
        throw error(home, reasons.first ?? "it has no shared library (libpython)")
    }

    private func check(_ home: PythonHome) throws {
        let version = try PythonObject(importing: "platform").attribute("python_version").call().text ?? "unknown"
        guard version == home.version else {
            throw error(home, "its library is of Python \(version), and the executable is \(home.version)")
        }
        let prefix = try PythonObject(importing: "sys").attribute("prefix").text ?? "unknown"
        guard prefix == home.prefix else {
            throw error(home, "it came up with the prefix '\(prefix)' and not '\(home.prefix)'")
        }
    }

    private func error(_ home: PythonHome, _ reason: String) -> BridgeError {
        BridgeError(
            .python,
            "could not embed Python '\(home.executable)': \(reason)",
            hint: "run the rubric in workers (--runtime worker), or name a Python built with --enable-shared "
                + "(Debian: the package libpython3 of its version)"
        )
    }

    // MARK: - Between jobs

    /// Returns when the bell rang, or background work has something to give. Python's own threads run meanwhile.
    func rest() {
        if let background, background.isWanted { return background.turn() }
        let isStarted = home != nil
        if isStarted { cpython_release() }
        var descriptor = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
        // A signal ends the wait early, which is no harm: whoever waits looks again.
        _ = poll(&descriptor, 1, -1)
        if isStarted { cpython_acquire() }
    }
}

/// Work that Python does by itself between jobs. On the interpreter's thread.
package protocol BackgroundWork {
    var isWanted: Bool { get }
    /// Goes on with it until it has something to give or the bell is readable.
    func turn()
}
