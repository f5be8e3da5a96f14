import Glibc
import RewardModel

/// Runs programs in bubblewrap (bwrap(1)): the file system read-only, processes of its own, no network.
struct Bubblewrap: Sendable, Hashable {
    let executable: String

    /// What a sandboxed program sees and may do.
    struct Walls {
        /// Bound over its own path, writable.
        var scratch: String
        /// Replaced by an empty folder.
        var hidden: [String]
        /// Shown read-only, also inside a hidden folder.
        var shown: [String]
        var network: Bool
    }

    /// Arguments that go before a program and its own arguments.
    ///
    /// Mounts happen in this order, so that what is shown comes after what hides it.
    func arguments(_ walls: Walls) -> [String] {
        var arguments = ["--die-with-parent", "--unshare-pid", "--unshare-ipc", "--cap-drop", "ALL"]
        if !walls.network { arguments += ["--unshare-net", "--tmpfs", "/run"] }
        arguments = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"] + arguments
        for path in walls.hidden { arguments += ["--tmpfs", path] }
        for path in walls.shown { arguments += ["--ro-bind", path, path] }
        arguments += ["--bind", walls.scratch, walls.scratch, "--chdir", walls.scratch]
        return arguments + ["--"]
    }

    /// The program in the folders that a `PATH` names; nil: there is none.
    static func find(path: String) -> Bubblewrap? {
        path.split(separator: ":").map { "\($0)/bwrap" }.first { access($0, X_OK) == 0 }.map(Bubblewrap.init)
    }
}
