import Foundation
package import RewardModel

/// Where a rubric is written: in one line, or in a file of its own.
package enum RubricSource: Sendable, Hashable, CustomStringConvertible {
    /// `folder` is where relative paths in the target start from, an absolute path.
    case reference(ComponentReference, folder: String)
    /// An absolute path.
    case file(String)

    /// A text that ends in `.yaml` or `.yml` is a file, any other a reference.
    ///
    /// - Parameter folder: where relative paths start from, an absolute path.
    /// - Throws: ``BridgeError`` (`.configuration`) when it is neither.
    package init(_ text: String, folder: String) throws {
        if text.hasSuffix(".yaml") || text.hasSuffix(".yml") {
            let url = URL(fileURLWithPath: text, relativeTo: URL(fileURLWithPath: folder + "/"))
            self = .file(url.standardizedFileURL.path)
        } else {
            self = .reference(try ComponentReference(text), folder: folder)
        }
    }

    package var description: String {
        switch self {
        case .reference(let reference, _): reference.description
        case .file(let path): path
        }
    }

    /// Reads the file, if it is one.
    /// - Throws: ``BridgeError`` (`.configuration`) with file, line and key when the file is not a rubric.
    package func load() throws -> RubricSpec {
        switch self {
        case .reference(let reference, let folder):
            try Self.spec(reference, folder)
        case .file(let path):
            try RubricGrammar.read(ConfigFile(reading: path))
        }
    }
}

extension RubricSource {
    /// A file outside of the folder brings its own folder along: the version must not depend on where the bridge runs.
    private static func spec(_ reference: ComponentReference, _ folder: String) throws -> RubricSpec {
        let parts = reference.target.split(separator: ":", omittingEmptySubsequences: false)
        guard let file = parts.first, file.hasPrefix("/") || file.hasPrefix("../"), parts.count > 1 else {
            return RubricSpec(tree: RubricNode(reference: reference), folder: folder)
        }
        let place = URL(fileURLWithPath: String(file), relativeTo: URL(fileURLWithPath: folder + "/"))
            .standardizedFileURL
        let target = ([place.lastPathComponent[...]] + parts.dropFirst()).joined(separator: ":")
        let moved = try ComponentReference("\(reference.adapter):\(target)")
        return RubricSpec(tree: RubricNode(reference: moved), folder: place.deletingLastPathComponent().path)
    }
}

extension RubricSource: SettingValue {
    static let typeText = "`ADAPTER:TARGET` or a rubric file"

    init(_ node: ConfigNode) throws {
        self = try node.located({ try RubricSource($0, folder: node.file.folder) }, try String(node))
    }

    var settingText: String { description }
}
