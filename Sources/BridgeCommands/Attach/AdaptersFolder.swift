import Foundation
import RewardModel

/// Where the Python half is: the folder that holds the package `rewardbridge`.
enum AdaptersFolder {
    /// In the order of the search: the variable, beside an installed command, above a built one.
    ///
    /// - Throws: ``BridgeError`` (`.python`) when it is nowhere.
    static func find(environment: [String: String] = ProcessInfo.processInfo.environment) throws -> String {
        if let named = environment["REWARDBRIDGE_ADAPTERS"] {
            guard holdsPackage(named) else {
                throw BridgeError(
                    .python,
                    "could not find the Python package 'rewardbridge' in '\(named)', which REWARDBRIDGE_ADAPTERS names",
                    hint: "point it at the 'adapters' folder of RewardBridge, or unset it"
                )
            }
            return named
        }
        let executable = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let installed = executable.deletingLastPathComponent().appendingPathComponent("../share/rewardbridge/adapters")
        let candidates = [installed.standardizedFileURL.path] + ancestors(of: executable).map { "\($0)/adapters" }
        if let found = candidates.first(where: holdsPackage) { return found }
        throw BridgeError(
            .python,
            "could not find the Python package 'rewardbridge' near '\(executable.path)'",
            hint: "set REWARDBRIDGE_ADAPTERS to the 'adapters' folder of RewardBridge"
        )
    }

    private static func holdsPackage(_ folder: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(folder)/rewardbridge/worker/__main__.py")
    }

    private static func ancestors(of url: URL) -> [String] {
        var folder = url.deletingLastPathComponent()
        var found: [String] = []
        while folder.path != "/", found.count < 8 {
            found.append(folder.path)
            folder.deleteLastPathComponent()
        }
        return found
    }
}
