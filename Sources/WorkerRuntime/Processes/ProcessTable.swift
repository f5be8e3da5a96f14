import Glibc

/// What proc(5) tells of this process's children. A process that has gone meanwhile reads as empty.
enum ProcessTable {
    /// Children of all threads of this process, zombies included.
    static func children() -> [Int32] {
        Folder.entries(of: "/proc/self/task").flatMap { thread in
            text(of: "/proc/self/task/\(thread)/children").split(separator: " ").compactMap { Int32($0) }
        }
    }

    /// nil: the process has gone.
    static func session(of process: Int32) -> Int32? {
        status(of: process).flatMap { Int32($0[3]) }
    }

    static func isZombie(_ process: Int32) -> Bool {
        status(of: process)?.first == "Z"
    }

    /// The variables that the process was started with.
    static func environment(of process: Int32) -> [String: String] {
        let pairs = text(of: "/proc/\(process)/environ").split(separator: "\0").compactMap { variable in
            variable.firstIndex(of: "=").map { (String(variable[..<$0]), String(variable[$0...].dropFirst())) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Fields of `/proc/PID/stat` from the third on: state, parent, group, session. The second, the program's name in
    /// parentheses, may hold anything.
    private static func status(of process: Int32) -> [Substring]? {
        let line = text(of: "/proc/\(process)/stat")
        guard let end = line.lastIndex(of: ")") else { return nil }
        let fields = line[end...].dropFirst().split(separator: " ")
        return fields.count > 3 ? fields : nil
    }

    /// Up to a megabyte: an environment can be made larger, a mark in front of it cannot be hidden by accident.
    private static func text(of path: String) -> String {
        let file = Descriptor(owning: open(path, O_RDONLY | O_CLOEXEC))
        guard file.borrowed >= 0 else { return "" }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < 1 << 20 {
            let count = read(file.borrowed, &chunk, chunk.count)
            if count <= 0 { break }
            bytes.append(contentsOf: chunk.prefix(count))
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
