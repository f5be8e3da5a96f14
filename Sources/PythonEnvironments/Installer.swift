import Glibc

/// What makes virtual environments and installs into them.
package enum Installer: Sendable, Hashable {
    /// `uv`, at an absolute path.
    case uv(String)
    /// The modules venv and pip, which come with Python.
    case pip

    /// uv where it is in one of the folders that a `PATH` names.
    package static func find(path: String) -> Installer {
        let candidates = path.split(separator: ":").map { "\($0)/uv" }
        return candidates.first { access($0, X_OK) == 0 }.map(Installer.uv) ?? .pip
    }

    package var name: String {
        switch self {
        case .uv: "uv"
        case .pip: "pip"
        }
    }

    /// A program to run; its end with another status than 0 is the end of it all.
    struct Step: Sendable, Hashable {
        let executable: String
        let arguments: [String]
        /// Told before it begins.
        let announcement: String
    }

    /// - Parameters:
    ///   - python: the one that the environment is made from, an absolute path.
    ///   - folder: the environment, an empty folder.
    func steps(_ plan: EnvironmentPlan, python: String, folder: String) -> [Step] {
        var steps = [make(python: python, folder: folder), install(plan.requirements, [], folder)]
        if !plan.withoutDependencies.isEmpty {
            steps.append(install(plan.withoutDependencies, ["--no-deps"], folder))
        }
        return steps
    }

    private func make(python: String, folder: String) -> Step {
        let announcement = "making '\(folder)' with \(python)"
        return switch self {
        case .uv(let uv):
            Step(executable: uv, arguments: ["venv", "--python", python, folder], announcement: announcement)
        case .pip:
            Step(executable: python, arguments: ["-m", "venv", folder], announcement: announcement)
        }
    }

    private func install(_ requirements: [String], _ options: [String], _ folder: String) -> Step {
        let inside = "\(folder)/bin/python"
        let without = options.isEmpty ? "" : ", without dependencies"
        let announcement = "installing \(requirements.joined(separator: ", ")) with \(name)\(without)"
        switch self {
        case .uv(let uv):
            // A sandboxed worker cannot write the compiled files later, and would compile at each start.
            let install = ["pip", "install", "--python", inside, "--compile-bytecode"]
            return Step(executable: uv, arguments: install + options + requirements, announcement: announcement)
        case .pip:
            let install = ["-m", "pip", "install", "--disable-pip-version-check"]
            return Step(executable: inside, arguments: install + options + requirements, announcement: announcement)
        }
    }
}
