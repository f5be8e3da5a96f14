import Glibc

/// A program to start as a child of the bridge.
///
/// The child leads a session of its own, reads `/dev/null`, has no descriptors but those named here, and dumps no core.
package struct ChildCommand: Sendable {
    /// Whose orphans are whose: a child passes its mark on to all that it starts.
    package enum Role: Sendable {
        /// What it leaves behind is killed when it ends.
        case worker
        /// What it leaves behind is its own affair.
        case environment
    }

    package var role: Role
    /// An absolute path.
    package var executable: String
    /// Without the program's own name.
    package var arguments: [String]
    /// The whole environment of the child, but for the mark of its role.
    package var environment: [String: String]
    /// nil: the bridge's own.
    package var directory: String?
    /// Descriptors 1 and 2 of the child, borrowed for the start; nil: the bridge's own.
    package var output: Descriptor?
    package var error: Descriptor?
    /// Descriptor 3 of the child, borrowed for the start; nil: none.
    package var channel: Descriptor?
    /// Limit of its address space in bytes (RLIMIT_AS, getrlimit(2)); nil: none.
    package var memory: Int?
    /// Whether SIGKILL ends the child when the bridge ends.
    package var diesWithBridge: Bool

    package init(
        _ role: Role,
        executable: String,
        arguments: [String] = [],
        environment: [String: String],
        directory: String? = nil,
        output: Descriptor? = nil,
        error: Descriptor? = nil,
        channel: Descriptor? = nil,
        memory: Int? = nil,
        diesWithBridge: Bool = true
    ) {
        self.role = role
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
        self.output = output
        self.error = error
        self.channel = channel
        self.memory = memory
        self.diesWithBridge = diesWithBridge
    }
}
