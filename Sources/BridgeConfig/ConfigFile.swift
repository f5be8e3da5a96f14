import Foundation
import RewardModel
import Yams

/// A YAML file that was read: its text, and the path that errors name.
struct ConfigFile: Sendable {
    /// As the user gave it.
    let path: String
    /// The file's folder, an absolute path; relative paths inside the file start from it.
    let folder: String
    let text: String

    static let maximumBytes = 1 << 20

    init(path: String, folder: String, text: String) {
        self.path = path
        self.folder = folder
        self.text = text
    }

    /// - Throws: ``BridgeError`` (`.configuration`) when the file cannot be read or is larger than 1 MiB.
    init(reading path: String) throws {
        let url = URL(fileURLWithPath: path)
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw BridgeError(
                .configuration,
                "could not read file '\(path)': \(Self.reason(reading: error))",
                cause: error
            )
        }
        guard data.count <= Self.maximumBytes else {
            throw BridgeError(
                .configuration,
                "could not read file '\(path)': \(data.count) bytes are more than \(Self.maximumBytes)"
            )
        }
        guard let text = String(bytes: data, encoding: .utf8) else {
            throw BridgeError(.configuration, "could not read file '\(path)': it is not UTF-8")
        }
        self.init(path: path, folder: url.deletingLastPathComponent().standardizedFileURL.path, text: text)
    }

    /// The document's only value.
    /// - Throws: ``BridgeError`` (`.configuration`) with file and line when the text is not one YAML document.
    func root() throws -> ConfigNode {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw BridgeError(.configuration, "could not read file '\(path)': it is empty")
            }
            return ConfigNode(node, at: "", in: self)
        } catch let error as YamlError {
            throw BridgeError(
                .configuration,
                "could not read file '\(path)': \(Self.reason(parsing: error))",
                cause: error
            )
        }
    }

    /// An absolute path for one that is relative to the file.
    func resolve(_ relative: String) -> String {
        if relative.hasPrefix("~/") { return NSString(string: relative).expandingTildeInPath }
        return URL(fileURLWithPath: relative, relativeTo: URL(fileURLWithPath: folder + "/")).standardizedFileURL.path
    }

    private static func reason(reading error: any Error) -> String {
        switch error {
        case CocoaError.fileReadNoSuchFile: "no such file"
        case CocoaError.fileReadNoPermission: "permission denied"
        default: "it is no regular file, or cannot be read"
        }
    }

    private static func reason(parsing error: YamlError) -> String {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "line \(mark.line): \(problem)"
        case .reader(let problem, _, _, _): problem
        case .duplicatedKeysInMapping(let duplicates, let context):
            "key '\(duplicates.first ?? "")' is there twice in the mapping of line \(context.mark.line)"
        default: "not YAML"
        }
    }
}
