import CSpawn
import Glibc
import NIOPosix
import RewardModel

/// Starts programs by way of CSpawn, on one thread.
enum Spawner {
    /// Never ends: a child's death signal is sent when the thread that started it ends (PR_SET_PDEATHSIG, prctl(2)).
    static let thread: NIOThreadPool = {
        let thread = NIOThreadPool(numberOfThreads: 1)
        thread.start()
        return thread
    }()

    /// Starts a child. On ``thread`` only.
    /// - Throws: ``BridgeError`` (`.system`) that names the system call.
    static func spawn(_ command: ChildCommand, mark: String) throws(BridgeError) -> (
        processID: Int32, pidfd: Descriptor
    ) {
        let arguments = [command.executable] + command.arguments
        let variables = command.environment.merging([command.role.variable: mark]) { $1 }
        let environment = variables.map { "\($0)=\($1)" }.sorted()
        guard (arguments + environment).allSatisfy({ !$0.utf8.contains(0) }) else {
            throw BridgeError(.system, "could not start '\(command.executable)': an argument holds a zero byte")
        }

        var pidfd: Int32 = -1
        var failure = cspawn_failure()
        let processID = withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                withRecord(command, arguments, environment) { cspawn($0, &pidfd, &failure) }
            }
        }
        guard processID > 0 else { throw error(of: command, failure) }
        return (processID, Descriptor(owning: pidfd))
    }

    private static func error(of command: ChildCommand, _ failure: cspawn_failure) -> BridgeError {
        let reason = String(cString: strerror(failure.error))
        let call = failure.call.map { String(cString: $0) } ?? "clone"
        let subject = call == "chdir" ? " in '\(command.directory ?? "")'" : ""
        return BridgeError(.system, "could not start '\(command.executable)'\(subject): \(call): \(reason)")
    }

    private static func withRecord<Result>(
        _ command: ChildCommand,
        _ arguments: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ environment: UnsafePointer<UnsafeMutablePointer<CChar>?>,
        _ body: (UnsafePointer<cspawn_command>) -> Result
    ) -> Result {
        var limits = [cspawn_limit(resource: Int32(RLIMIT_CORE.rawValue), value: 0)]
        if let memory = command.memory {
            limits.append(cspawn_limit(resource: Int32(RLIMIT_AS.rawValue), value: UInt64(memory)))
        }
        return limits.withUnsafeBufferPointer { limits in
            withOptionalCString(command.directory) { directory in
                var record = cspawn_command()
                record.path = UnsafePointer(arguments[0])
                record.arguments = arguments
                record.environment = environment
                record.directory = directory
                record.output = command.output?.borrowed ?? -1
                record.error = command.error?.borrowed ?? -1
                record.channel = command.channel?.borrowed ?? -1
                record.leads_session = true
                record.death_signal = command.diesWithBridge ? SIGKILL : 0
                record.limits = limits.baseAddress
                record.limit_count = limits.count
                return body(&record)
            }
        }
    }
}

extension ChildCommand.Role {
    /// The environment variable that marks a child and all that it starts.
    var variable: String {
        switch self {
        case .worker: "REWARDBRIDGE_WORKER"
        case .environment: "REWARDBRIDGE_ENVIRONMENT"
        }
    }
}

/// Lends an array of C strings that ends with a null pointer.
private func withCStrings<Result>(
    _ strings: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
    var pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(&pointers)
}

private func withOptionalCString<Result>(_ string: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    guard let string else { return body(nil) }
    return string.withCString(body)
}
