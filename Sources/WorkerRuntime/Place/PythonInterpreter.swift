import Glibc
import JSONBytes
import RewardModel

/// A Python that was run and told about itself.
package struct PythonInterpreter: Sendable, Hashable {
    /// Absolute, as the interpreter names itself; a link or a wrapper script is behind us.
    package let executable: String
    /// For example `3.11.7`.
    package let version: String
    /// Of the virtual environment, if it is one.
    package let prefix: String
    /// For example `cpython`.
    package let implementation: String
    /// Files of its shared library, the likeliest first; empty when it has none.
    package let libraries: [String]
    /// Those of the modules asked for that it cannot find.
    package let missing: [String]

    private static let versionMin = (3, 10)

    /// Runs an interpreter once.
    ///
    /// - Parameters:
    ///   - executable: a path, or a name to be looked up in `PATH`.
    ///   - modules: whose presence is asked; none of them is run, but for parent packages of dotted names.
    ///   - environment: `PATH` and `PYTHONPATH` of it are used.
    /// - Throws: ``BridgeError`` (`.python`) when there is no such program, when it is not Python, or older than 3.10.
    package static func probe(
        executable: String,
        modules: [String] = [],
        environment: [String: String],
        timeout: Duration
    ) async throws -> PythonInterpreter {
        let path = try find(executable, path: environment["PATH"] ?? WorkerLaunch.defaultPath)
        let command = ChildCommand(
            .worker,
            executable: path,
            arguments: ["-c", script] + modules,
            environment: environment.filter { $0.key == "PATH" || $0.key == "PYTHONPATH" },
            directory: "/"
        )
        let run: OneShot.Run
        do {
            run = try await OneShot.run(command, outputMax: 65_536, timeout: timeout)
        } catch let error as BridgeError {
            throw BridgeError(.python, "could not run Python '\(executable)': \(error.message)", cause: error)
        }
        guard run.status == .exited(0), let found = PythonInterpreter(reading: run.output) else {
            let said = run.error.split(separator: "\n").last.map { ": \($0)" } ?? ""
            throw error(executable, "it is no working Python (\(run.status)\(said))")
        }
        try found.checkVersion(of: executable)
        return found
    }

    /// Python 2 must understand it too, in order to be told that it is too old.
    private static let script = """
        import json, os, platform, sys, sysconfig
        def libraries():
            names = [sysconfig.get_config_var(name) for name in ("INSTSONAME", "LDLIBRARY")]
            names.append("libpython%d.%d.so.1.0" % sys.version_info[:2])
            folders = [sysconfig.get_config_var("LIBDIR"), getattr(sys, "base_prefix", sys.prefix) + "/lib"]
            folders += [str(each) + "/" + str(sysconfig.get_config_var("MULTIARCH")) for each in folders]
            found = []
            for path in [str(folder) + "/" + str(name) for folder in folders for name in names]:
                if ".so" in path and os.path.exists(path) and path not in found:
                    found.append(path)
            return found
        def missing(name):
            try:
                from importlib.util import find_spec
                return find_spec(name) is None
            except Exception:
                return True
        print("\\n" + json.dumps({
            "executable": sys.executable, "version": platform.python_version(), "prefix": sys.prefix,
            "implementation": platform.python_implementation().lower(), "libraries": libraries(),
            "missing": [name for name in sys.argv[1:] if missing(name)]}))
        """

    /// The last line: a `sitecustomize` may have printed before.
    private init?(reading output: String) {
        guard let line = output.split(separator: "\n").last else { return nil }
        let json = RawJSON(text: String(line))
        guard
            let executable = json.member("executable")?.string(), !executable.isEmpty,
            let version = json.member("version")?.string(),
            let prefix = json.member("prefix")?.string(),
            let implementation = json.member("implementation")?.string(),
            let missing = json.member("missing")?.elements()
        else { return nil }
        self.executable = executable
        self.version = version
        self.prefix = prefix
        self.implementation = implementation
        self.libraries = json.member("libraries")?.elements()?.compactMap { $0.string() } ?? []
        self.missing = missing.compactMap { $0.string() }
    }

    private func checkVersion(of name: String) throws {
        let numbers = version.split(separator: ".").prefix(2).compactMap { Int($0) }
        let (major, minor) = Self.versionMin
        guard numbers.count == 2, (numbers[0], numbers[1]) >= Self.versionMin else {
            throw Self.error(name, "it is Python \(version), and \(major).\(minor) is the oldest that will do")
        }
    }

    private static func find(_ executable: String, path: String) throws -> String {
        let candidates =
            executable.contains("/")
            ? [executable] : path.split(separator: ":").map { "\($0)/\(executable)" }
        if let found = candidates.first(where: { access($0, X_OK) == 0 }) { return absolute(found) }
        let exists = candidates.contains { access($0, F_OK) == 0 }
        throw error(executable, exists ? "it is not executable" : "there is no such program")
    }

    /// Links stay: a virtual environment's Python is one.
    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : Folder.resolved(".") + "/" + path
    }

    private static func error(_ executable: String, _ reason: String) -> BridgeError {
        let hint = "name the python of a virtual environment, for example /path/to/venv/bin/python"
        return BridgeError(.python, "could not use Python '\(executable)': \(reason)", hint: hint)
    }
}
