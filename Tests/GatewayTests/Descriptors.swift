import Foundation

/// The sockets of this process, as the kernel lists them (proc(5)).
enum Descriptors {
    /// Counts the open TCP sockets that have one of the ports on either end.
    static func count(ports: Set<Int>) throws -> Int {
        let own = try ownSockets()
        let table = try String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8)
        return table.split(separator: "\n").dropFirst().count { line in
            let fields = line.split(separator: " ")
            return own.contains(String(fields[9])) && fields[1...2].contains { ports.contains(port(of: $0)) }
        }
    }

    /// The inodes of all sockets that are open here.
    private static func ownSockets() throws -> Set<String> {
        let files = FileManager.default
        let names = try files.contentsOfDirectory(atPath: "/proc/self/fd")
        // A descriptor may be gone by the time that it is looked at.
        let targets = names.compactMap { try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)") }
        return Set(targets.filter { $0.hasPrefix("socket:[") }.map { String($0.dropFirst(8).dropLast()) })
    }

    /// `0100007F:1F90`
    private static func port(of address: Substring) -> Int {
        Int(address.suffix(4), radix: 16) ?? 0
    }
}
