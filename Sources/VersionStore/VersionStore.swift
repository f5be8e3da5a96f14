import Foundation
import Glibc
package import RewardModel

/// Keeps each rubric version under its digest, with a read-only copy of its files:
/// `<folder>/<digest>/{version.json, distributions-0.json, files/...}`.
///
/// Methods block on the disk. Several processes may use one folder: versions appear whole or not at all.
package struct VersionStore: Sendable {
    /// An absolute path.
    package let folder: String
    package let limits: VersionLimits

    /// - Throws: ``BridgeError`` (`.storage`) when the folder cannot be made.
    package init(folder: String, limits: VersionLimits) throws {
        self.folder = folder
        self.limits = limits
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw BridgeError(
                .storage,
                "could not make folder '\(folder)' for versions",
                hint: "set state to a folder that can be written",
                cause: error
            )
        }
    }

    /// The absolute path of a version's copy of its files.
    package func root(of version: RubricVersion) -> String { "\(folder)/\(version.digest)/files" }

    /// Copies the files and names the version. A version that is there already is given back as it is.
    ///
    /// - Parameter now: milliseconds since 1970-01-01T00:00Z.
    /// - Throws: ``BridgeError``, `.rubric` when files are missing, outside of the rubric's folder or too many,
    ///   `.storage` when the copy cannot be written.
    package func store(_ request: VersionRequest, now: Int64) throws -> VersionManifest {
        var collection = try FileCollection(root: request.spec.folder, limits: limits)
        for component in request.spec.components {
            try collection.add(ComponentFiles(of: component.reference, in: request.spec.folder))
            for pattern in component.files { try collection.add(pattern: pattern) }
        }
        let draft = try VersionFolder(in: folder)
        do {
            let files = try collection.entries.map { try draft.copy($0, from: collection.root) }
            let manifest = VersionManifest(request, files: files, now: now)
            try draft.write(Self.encoded(manifest), as: "version.json")
            try draft.move(to: "\(folder)/\(manifest.digest)")
            return try show(manifest.version)
        } catch {
            draft.discard()
            throw error
        }
    }

    /// - Throws: ``BridgeError`` (`.storage`) when there is no such version or its manifest cannot be read.
    package func show(_ version: RubricVersion) throws -> VersionManifest {
        try decode(VersionManifest.self, "version.json", of: version)
    }

    /// All versions, newest first.
    package func list() throws -> [VersionManifest] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw BridgeError(.storage, "could not read folder '\(folder)' of versions", cause: error)
        }
        return try names.filter { !$0.hasPrefix(".") }.map { try show(RubricVersion(digest: $0)) }
            .sorted { ($0.createdAt, $0.digest) > ($1.createdAt, $1.digest) }
    }

    /// Notes the distributions that a version's component was first loaded with; later ones must be the same.
    ///
    /// - Parameter component: its position in the tree, from left to right: each may have an environment of its own.
    /// - Throws: ``BridgeError``, `.python` when others were noted before, `.storage` when the note cannot be written.
    package func record(
        distributions: [Distribution],
        ofComponent component: Int,
        of version: RubricVersion
    ) throws {
        let sorted = distributions.sorted { ($0.name, $0.version) < ($1.name, $1.version) }
        guard try self.distributions(ofComponent: component, of: version) == nil else {
            return try compare(sorted, component, version)
        }
        let place = "\(folder)/\(version.digest)/\(Self.distributionsFile(component))"
        let draft = "\(place).\(getpid())-\(UUID().uuidString)"
        try VersionFolder.write(Self.encoded(sorted), to: draft)
        defer { unlink(draft) }
        // See man 2 link: unlike rename, it does not replace what another process wrote meanwhile.
        guard link(draft, place) == 0 else {
            guard errno == EEXIST else {
                throw BridgeError(.storage, "could not write '\(place)': \(String(cString: strerror(errno)))")
            }
            return try compare(sorted, component, version)
        }
        try VersionFolder.synchronize(folder: "\(folder)/\(version.digest)")
    }

    /// - Returns: sorted by name; nil while none were recorded.
    package func distributions(ofComponent component: Int, of version: RubricVersion) throws -> [Distribution]? {
        let name = Self.distributionsFile(component)
        guard FileManager.default.fileExists(atPath: "\(folder)/\(version.digest)/\(name)") else { return nil }
        return try decode([Distribution].self, name, of: version)
    }

    private static func distributionsFile(_ component: Int) -> String { "distributions-\(component).json" }

    private func compare(_ distributions: [Distribution], _ component: Int, _ version: RubricVersion) throws {
        let known = try self.distributions(ofComponent: component, of: version) ?? []
        let difference = Set(known).symmetricDifference(distributions).min { $0.name < $1.name }
        guard let difference else { return }
        throw BridgeError(
            .python,
            "could not load version '\(version.short)': distribution '\(difference.name)' is not what it was",
            hint: "install the same packages again, or attach the rubric anew"
        )
    }

    private func decode<Value: Decodable>(_ type: Value.Type, _ name: String, of version: RubricVersion) throws -> Value
    {
        let path = "\(folder)/\(version.digest)/\(name)"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw BridgeError(
                .storage,
                "could not read version '\(version.short)': no file '\(path)'",
                hint: "see the folders in '\(folder)' for what there is"
            )
        }
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch {
            throw BridgeError(.storage, "could not read version '\(version.short)': '\(path)' is damaged", cause: error)
        }
    }

    private static func encoded(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}

extension VersionManifest {
    fileprivate init(_ request: VersionRequest, files: [File], now: Int64) {
        let tree = request.spec.canonical.text
        self.init(
            digest: VersionDigest.compute(
                tree: tree,
                adapters: request.adapters,
                pythonVersion: request.pythonVersion,
                placement: request.placement,
                files: files
            ),
            rubric: request.spec.name,
            tree: tree,
            components: request.spec.components.map(\.reference.description),
            adapters: request.adapters,
            pythonVersion: request.pythonVersion,
            placement: request.placement,
            files: files,
            createdAt: now
        )
    }
}
