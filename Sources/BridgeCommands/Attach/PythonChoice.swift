import Foundation
import RewardModel

/// Which Python runs a rubric.
enum PythonChoice {
    /// The first of: what the rubric or the attachment names (an executable or a virtual environment), the active virtual
    /// environment, `.venv` in the working folder, `python3` on the path.
    ///
    /// - Throws: ``BridgeError`` (`.python`) when what is named is not there, or nothing is.
    static func executable(
        named: String?,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> String {
        if let named { return try resolve(named, environment) }
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

    private static func resolve(_ named: String, _ environment: [String: String]) throws -> String {
        if !named.contains("/"), let found = onPath(named, environment) { return found }
        let path = URL(fileURLWithPath: named).path
        if isExecutable("\(path)/bin/python") { return "\(path)/bin/python" }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue, isExecutable(path)
        {
            return path
        }
        throw BridgeError(
            .python,
            "could not use Python '\(named)': it is neither an executable nor a virtual environment",
            hint: "make one with: python3 -m venv .venv"
        )
    }

    private static func onPath(_ name: String, _ environment: [String: String]) -> String? {
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
    }

    private static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }
}
