import Glibc
import RewardModel

/// Folders, without Foundation.
enum Folder {
    /// Names in a folder; empty when it cannot be read.
    static func entries(of path: String) -> [String] {
        guard let handle = opendir(path) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The path without links in it (realpath(3)); itself if there is no such file.
    static func resolved(_ path: String) -> String {
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Makes a folder that only this user can enter, with a name of its own.
    /// - Throws: ``BridgeError`` (`.system`).
    static func makeTemporary(in parent: String) throws(BridgeError) -> String {
        var template = Array("\(parent)/rewardbridge-worker-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BridgeError.systemCall("make a folder in '\(parent)'") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Deletes a file, or a folder with all that is in it; follows no links. What cannot be deleted stays.
    static func remove(_ path: String) {
        if unlink(path) == 0 { return }
        for name in entries(of: path) { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
