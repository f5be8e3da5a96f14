import Foundation
import RewardModel

/// Which file or package under a rubric's folder a component's target means.
enum ComponentFiles: Equatable {
    /// A relative path.
    case file(String)
    /// A folder with its content: the outermost Python package, a relative path.
    case package(String)
    /// Nothing under the folder: an installed module, a URL.
    case none

    init(of reference: ComponentReference, in folder: String) {
        let first = reference.target.prefix { $0 != ":" && $0 != " " }
        let path = first.hasPrefix("./") ? String(first.dropFirst(2)) : String(first)
        if reference.adapter == "http" || path.isEmpty {
            self = .none
        } else if reference.isOwnProgram {
            self = .file(path)
        } else if path.hasSuffix(".py") || path.contains("/") || Self.isFile("\(folder)/\(path)") {
            self = Self.outermostPackage(of: path, in: folder).map { .package($0) } ?? .file(path)
        } else {
            self.init(module: path, in: folder)
        }
    }

    /// `my_env.rubrics` is the package `my_env`, or the file `my_env.py`, or an installed module.
    private init(module: String, in folder: String) {
        let top = String(module.prefix { $0 != "." })
        if Self.isFolder("\(folder)/\(top)") {
            self = .package(top)
        } else if Self.isFile("\(folder)/\(top).py") {
            self = .file("\(top).py")
        } else {
            self = .none
        }
    }

    /// The first folder on the way to the file that has an `__init__.py`.
    private static func outermostPackage(of path: String, in folder: String) -> String? {
        var parent = ""
        for part in path.split(separator: "/").dropLast() {
            parent += parent.isEmpty ? String(part) : "/\(part)"
            if isFile("\(folder)/\(parent)/__init__.py") { return parent }
        }
        return nil
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }
}
