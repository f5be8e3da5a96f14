import Foundation
import PythonEnvironments
import RewardModel

/// Which Python runs a rubric.
enum PythonChoice {
    /// The first of: what the rubric or the attachment names, the active virtual environment, `.venv` in the working
    /// folder, `python3` on the path.
    ///
    /// A name without a slash is that of a virtual environment of the bridge's own, or else of a program on the path, or
    /// else of something in the working folder. In this order, because libraries install programs of their own name (trl
    /// does), and no environment has a name that a Python could have.
    /// - Throws: ``BridgeError`` (`.python`) when what is named is not there, or nothing is.
    static func executable(
        named: String?,
        in environments: EnvironmentStore,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String {
        if let named { return try resolve(named, environments, environment) }
        if let active = environment["VIRTUAL_ENV"], isExecutable("\(active)/bin/python") {
            return "\(active)/bin/python"
        }
        let local = FileManager.default.currentDirectoryPath + "/.venv/bin/python"
        if isExecutable(local) { return local }
        if let found = onPath("python3", environment) { return found }
        throw BridgeError(
            .python,
            "could not find a Python: no virtual environment is active, and there is no python3 on the path",
            hint: "name one with --python, for example --python .venv"
        )
    }

    /// Versions of Python on the path (`python3.12`), the newest first.
    static func versionsOnPath(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
        let names = folders(environment).flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
        let minors = names.compactMap { $0.hasPrefix("python3.") ? Int($0.dropFirst(8)) : nil }
        return Set(minors).sorted(by: >).compactMap { onPath("python3.\($0)", environment) }
    }

    private static func resolve(
        _ named: String,
        _ environments: EnvironmentStore,
        _ environment: [String: String]
    ) throws -> String {
        if !named.contains("/") {
            if let found = try environments.usablePython(of: named) { return found }
            if let found = onPath(named, environment) { return found }
        }
        let path = URL(fileURLWithPath: named).path
        if isExecutable("\(path)/bin/python") { return "\(path)/bin/python" }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue, isExecutable(path)
        {
            return path
        }
        throw unknown(named, environments)
    }

    private static func unknown(_ named: String, _ environments: EnvironmentStore) -> BridgeError {
        guard !named.contains("/") else {
            return BridgeError(
                .python,
                "could not use Python '\(named)': it is neither an executable nor a virtual environment",
                hint: "make one with: python3 -m venv .venv"
            )
        }
        let nearest = environments.suggestion(for: named).map { "did you mean '\($0)'?" }
        return BridgeError(
            .python,
            "could not use Python '\(named)': it is neither a virtual environment under '\(environments.folder)' nor an "
                + "executable or a virtual environment here",
            hint: nearest ?? environments.known
        )
    }

    private static func onPath(_ name: String, _ environment: [String: String]) -> String? {
        folders(environment).lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
    }

    private static func folders(_ environment: [String: String]) -> [String] {
        (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map(String.init)
    }

    private static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }
}
