import Crypto
import Foundation
import Glibc
import RewardModel

/// A version's folder while it is filled: made beside its later place, moved there in one step, removed if that fails.
struct VersionFolder {
    let path: String
    var files: String { path + "/files" }

    private static let chunk = 1 << 16

    /// - Parameter parent: exists.
    init(in parent: String) throws {
        path = "\(parent)/.new-\(getpid())-\(UUID().uuidString)"
        try Self.make(path)
        try Self.make(files)
    }

    /// Copies a file, read-only from then on.
    /// - Returns: what the copy holds, which is what counts when the original changes meanwhile.
    func copy(_ entry: FileCollection.Entry, from root: String) throws -> VersionManifest.File {
        try makeFolders(above: entry.path)
        let source = "\(root)/\(entry.path)"
        guard let input = FileHandle(forReadingAtPath: source) else {
            throw BridgeError(.rubric, "could not read file '\(source)': \(String(cString: strerror(errno)))")
        }
        defer { try? input.close() }
        let target = "\(files)/\(entry.path)"
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.unwritable(target) }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var hash = SHA256()
        var size = 0
        do {
            while let chunk = try input.read(upToCount: Self.chunk), !chunk.isEmpty {
                hash.update(data: chunk)
                size += chunk.count
                try output.write(contentsOf: chunk)
            }
            try output.synchronize()
        } catch {
            throw BridgeError(.storage, "could not copy file '\(source)' to '\(target)'", cause: error)
        }
        guard fchmod(descriptor, entry.isExecutable ? 0o555 : 0o444) == 0 else { throw Self.unwritable(target) }
        return VersionManifest.File(
            path: entry.path,
            isExecutable: entry.isExecutable,
            sha256: hash.finalize().hexadecimal,
            size: size
        )
    }

    func write(_ data: Data, as name: String) throws {
        try Self.write(data, to: "\(path)/\(name)")
    }

    /// Moves the folder to its place. Removes it when that is taken: equal digests hold equal files.
    func move(to place: String) throws {
        try lockFolders()
        // See man 2 rename: the place may be an empty folder at most.
        if rename(path, place) != 0 {
            guard errno == ENOTEMPTY || errno == EEXIST else { throw Self.unwritable(place) }
            discard()
        }
        try Self.synchronize(folder: (place as NSString).deletingLastPathComponent)
    }

    func discard() {
        for folder in Self.folders(below: files) { chmod(folder, 0o700) }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file of its own name, synced, where none is yet.
    static func write(_ data: Data, to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o444)
        guard descriptor >= 0 else { throw unwritable(path) }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            try output.write(contentsOf: data)
            try output.synchronize()
        } catch {
            throw BridgeError(.storage, "could not write file '\(path)'", cause: error)
        }
    }

    /// See man 2 fsync: a new name is durable when its folder is synced.
    static func synchronize(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unwritable(folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw unwritable(folder) }
    }

    private func makeFolders(above path: String) throws {
        var folder = files
        for part in path.split(separator: "/").dropLast() {
            folder += "/\(part)"
            try Self.make(folder)
        }
    }

    private func lockFolders() throws {
        for folder in Self.folders(below: files) {
            try Self.synchronize(folder: folder)
            guard chmod(folder, 0o555) == 0 else { throw Self.unwritable(folder) }
        }
        try Self.synchronize(folder: path)
    }

    private static func folders(below root: String) -> [String] {
        var folders = [root]
        let enumerator = FileManager.default.enumerator(atPath: root)
        while let name = enumerator?.nextObject() as? String {
            if enumerator?.fileAttributes?[.type] as? FileAttributeType == .typeDirectory {
                folders.append("\(root)/\(name)")
            }
        }
        return folders
    }

    private static func make(_ folder: String) throws {
        guard mkdir(folder, 0o700) == 0 || errno == EEXIST else { throw unwritable(folder) }
    }

    private static func unwritable(_ path: String) -> BridgeError {
        BridgeError(
            .storage,
            "could not write '\(path)': \(String(cString: strerror(errno)))",
            hint: "set state to a folder that can be written"
        )
    }
}
