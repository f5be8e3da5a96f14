import Glibc

/// Why a benchmark cannot go on. There is nothing to recover: the program prints it and ends.
package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Of the system call that failed just now.
    static func system(_ call: String) -> Failure {
        Failure("\(call): \(String(cString: strerror(errno)))")
    }
}

/// Runs a program's body; a failure goes to standard error and ends the program with status 1.
package func orDie(_ body: () throws -> Void) {
    do {
        try body()
    } catch {
        let words = "\(CommandLine.arguments[0]): \(error)\n"
        _ = write(STDERR_FILENO, words, words.utf8.count)
        exit(1)
    }
}
