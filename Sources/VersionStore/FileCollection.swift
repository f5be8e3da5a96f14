import Foundation
import Glibc
import RewardModel

/// The files under a root that belong to a version: bounded, sorted, and none from outside of the root.
struct FileCollection {
    struct Entry: Equatable {
        /// Relative to the root.
        var path: String
        var isExecutable: Bool
        var size: Int
    }

    /// The real path of the root.
    let root: String
    let limits: VersionLimits
    private var found: [String: Entry] = [:]
    private var bytes = 0

    /// - Throws: ``BridgeError`` (`.rubric`) when the root is no folder.
    init(root: String, limits: VersionLimits) throws {
        guard let real = Self.realPath(root) else {
            throw BridgeError(.rubric, "could not read folder '\(root)' of the rubric: \(Self.lastError())")
        }
        self.root = real
        self.limits = limits
    }

    /// By path.
    var entries: [Entry] {
        found.values.sorted { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    mutating func add(_ files: ComponentFiles) throws {
        switch files {
        case .file(let path): try add(path: path)
        case .package(let path): try add(path: path)
        case .none: break
        }
    }

    /// Adds what a declared path or pattern stands for; of a folder, everything in it that ``isSkipped(_:)`` leaves.
    mutating func add(pattern: String) throws {
        guard pattern.contains(where: { "*?[".contains($0) }) else { return try add(path: pattern) }
        try refuseOutside(pattern)
        guard !pattern.contains("**") else {
            throw BridgeError(
                .rubric,
                "could not read pattern '\(pattern)': '**' is not known",
                hint: "name the folder: everything below it is taken"
            )
        }
        let matches = Self.glob("\(Self.escaped(root))/\(pattern)")
        guard !matches.isEmpty else { throw BridgeError(.rubric, "could not find files '\(pattern)' under '\(root)'") }
        for match in matches { try add(path: String(match.dropFirst(root.count + 1))) }
    }

    mutating func add(path: String) throws {
        try refuseOutside(path)
        let path = path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
        let absolute = path.isEmpty ? root : "\(root)/\(path)"
        guard let real = Self.realPath(absolute) else {
            throw BridgeError(.rubric, "could not read file '\(path)' of the rubric: \(Self.lastError())")
        }
        guard real.hasPrefix(root + "/") || real == root else {
            throw BridgeError(
                .rubric,
                "could not take file '\(path)' into the version: it is a link that leads out of '\(root)'",
                hint: "put a copy of the file beside the rubric"
            )
        }
        var status = stat()
        guard stat(absolute, &status) == 0 else {
            throw BridgeError(.rubric, "could not read file '\(path)' of the rubric: \(Self.lastError())")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: try insert(path, status)
        case S_IFDIR: try addContent(of: path, isLink: real != absolute)
        default: throw BridgeError(.rubric, "could not take file '\(path)' into the version: it is no regular file")
        }
    }

    /// Caches, repositories and hidden files decide no numbers.
    static func isSkipped(_ name: String) -> Bool {
        name.hasPrefix(".") || name == "__pycache__" || name.hasSuffix(".pyc")
    }

    private mutating func addContent(of folder: String, isLink: Bool) throws {
        guard !isLink else {
            throw BridgeError(.rubric, "could not take folder '\(folder)' into the version: it is, or is below, a link")
        }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(folder)")
        } catch {
            throw BridgeError(.rubric, "could not read folder '\(folder)' of the rubric", cause: error)
        }
        for name in names.sorted() where !Self.isSkipped(name) {
            try add(path: folder.isEmpty ? name : "\(folder)/\(name)")
        }
    }

    private mutating func insert(_ path: String, _ status: stat) throws {
        let entry = Entry(path: path, isExecutable: status.st_mode & S_IXUSR != 0, size: Int(status.st_size))
        guard found.updateValue(entry, forKey: path) == nil else { return }
        bytes += entry.size
        guard found.count <= limits.filesMax else {
            throw BridgeError(
                .rubric,
                "could not make a version of '\(root)': it has more than \(limits.filesMax) files",
                hint: "put the rubric into a folder of its own"
            )
        }
        guard bytes <= limits.bytesMax else {
            throw BridgeError(
                .rubric,
                "could not make a version of '\(root)': its files have more than \(limits.bytesMax) bytes",
                hint: "put the rubric into a folder of its own"
            )
        }
    }

    private func refuseOutside(_ path: String) throws {
        guard path.hasPrefix("/") || path.split(separator: "/").contains("..") else { return }
        throw BridgeError(
            .rubric,
            "could not take file '\(path)' into the version: it is not below '\(root)'",
            hint: "put the file beside the rubric"
        )
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }

    /// See man 3 realpath.
    private static func realPath(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }

    /// See man 3 glob.
    private static func glob(_ pattern: String) -> [String] {
        var matches = glob_t()
        defer { globfree(&matches) }
        guard Glibc.glob(pattern, 0, nil, &matches) == 0, let paths = matches.gl_pathv else { return [] }
        return (0..<Int(matches.gl_pathc)).compactMap { paths[$0].map { String(cString: $0) } }
    }

    private static func escaped(_ path: String) -> String {
        path.reduce(into: "") { text, character in
            if "*?[\\".contains(character) { text.append("\\") }
            text.append(character)
        }
    }
}
