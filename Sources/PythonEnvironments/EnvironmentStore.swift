import BridgeConfig
import Foundation
import RewardModel

/// The virtual environments that the bridge made, each under its name: `<state>/envs/NAME`.
///
/// They are made in their place, because a virtual environment cannot be moved; the record, written last, says that one
/// is whole.
package struct EnvironmentStore: Sendable {
    package let folder: String

    /// - Parameter state: an absolute path.
    package init(state: String) {
        folder = "\(state)/envs"
    }

    package enum Condition: Sendable, Hashable {
        case ready(EnvironmentRecord)
        case inTheMaking
        /// Half-made, or its record cannot be read.
        case broken
    }

    /// Of all that there are, whole or not, sorted.
    package var names: [String] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return entries.filter { (try? Self.check($0)) != nil && isThere($0) }.sorted()
    }

    package func path(of name: String) -> String { "\(folder)/\(name)" }

    package func python(of name: String) -> String { "\(path(of: name))/bin/python" }

    package func isThere(_ name: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path(of: name), isDirectory: &isFolder) && isFolder.boolValue
    }

    package func condition(of name: String) -> Condition {
        if let data = FileManager.default.contents(atPath: recordPath(of: name)) {
            guard let record = try? EnvironmentRecord(reading: data), record.name == name else { return .broken }
            return .ready(record)
        }
        return FolderLock(path(of: name)) == nil ? .inTheMaking : .broken
    }

    /// The Python of the whole environment of this name; nil: there is none of this name.
    /// - Throws: ``BridgeError`` (`.python`) when it is not whole.
    package func usablePython(of name: String) throws -> String? {
        guard (try? Self.check(name)) != nil, isThere(name) else { return nil }
        let reason: String
        switch condition(of: name) {
        case .ready: return python(of: name)
        case .inTheMaking: reason = "it is being made"
        case .broken: reason = "it is half-made"
        }
        throw BridgeError(
            .python,
            "could not use virtual environment '\(name)': \(reason)",
            hint: "make it with: rewardbridge env create \(name) --for ADAPTER --force"
        )
    }

    /// - Throws: ``BridgeError``, `.configuration` when there is none, `.storage`.
    package func remove(_ name: String) throws {
        try Self.check(name)
        guard isThere(name) else {
            throw BridgeError(
                .configuration,
                "could not remove virtual environment '\(name)': there is none",
                hint: known
            )
        }
        try clear(name)
    }

    /// What there is, for hints.
    package var known: String {
        let names = names
        guard !names.isEmpty else {
            return "there are none yet; make one with: rewardbridge env create NAME --for ADAPTER"
        }
        return "there are \(names.joined(separator: ", "))"
    }

    /// The name that is nearest to one that there is not.
    package func suggestion(for name: String) -> String? { Suggestion.nearest(to: name, among: names) }

    // MARK: - Making

    /// Makes an empty folder, and holds it until the lock is released.
    ///
    /// - Parameter replacing: removes what is there, unless somebody is making it.
    /// - Throws: ``BridgeError``, `.configuration` for a name that will not do or is taken, `.storage`.
    func claim(_ name: String, replacing: Bool) throws -> FolderLock {
        try Self.check(name)
        if isThere(name) {
            guard replacing else { throw taken(name) }
            try clear(name)
        }
        do {
            let files = FileManager.default
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            // Fails when another process has just made it.
            try files.createDirectory(atPath: path(of: name), withIntermediateDirectories: false)
        } catch {
            throw storage("make", name, error)
        }
        guard let lock = FolderLock(path(of: name)) else { throw busy("make", name) }
        return lock
    }

    /// Removes a folder that nobody is making. Its record goes first: what is left when this is cut short is broken.
    func clear(_ name: String) throws {
        guard let lock = FolderLock(path(of: name)) else { throw busy("remove", name) }
        defer { withExtendedLifetime(lock) {} }
        try discard(name)
    }

    /// Removes a folder by whoever holds its lock.
    func discard(_ name: String) throws {
        let files = FileManager.default
        do {
            if files.fileExists(atPath: recordPath(of: name)) { try files.removeItem(atPath: recordPath(of: name)) }
            try files.removeItem(atPath: path(of: name))
        } catch {
            throw storage("remove", name, error)
        }
    }

    /// Says that it is whole.
    func write(_ record: EnvironmentRecord) throws {
        do {
            try record.data().write(to: URL(fileURLWithPath: recordPath(of: record.name)), options: .atomic)
        } catch {
            throw storage("record", record.name, error)
        }
    }

    private func recordPath(of name: String) -> String { "\(path(of: name))/\(EnvironmentRecord.fileName)" }

    // MARK: - Errors

    /// - Throws: ``BridgeError`` (`.configuration`) for a name that is no name of a folder, or reads like a Python's.
    static func check(_ name: String) throws {
        let isFit =
            name.utf8.count <= 64
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-.".contains($0)) }
        guard isFit, let first = name.first, first.isLetter || first.isNumber else {
            throw unfit(
                name,
                "a name has 1 to 64 letters, digits, '_', '-' and '.', and begins with a letter or a digit"
            )
        }
        guard !name.hasPrefix("python"), !name.hasPrefix("pypy") else {
            throw unfit(name, "names that begin like this are those of programs on the path")
        }
    }

    private static func unfit(_ name: String, _ reason: String) -> BridgeError {
        BridgeError(
            .configuration,
            "could not name a virtual environment '\(name)': \(reason)",
            hint: "choose another name, for example that of an adapter"
        )
    }

    private func taken(_ name: String) -> BridgeError {
        if case .inTheMaking = condition(of: name) { return busy("make", name) }
        return BridgeError(
            .configuration,
            "could not make virtual environment '\(name)': there is one of this name",
            hint: "add --force to replace it"
        )
    }

    private func busy(_ verb: String, _ name: String) -> BridgeError {
        BridgeError(
            .storage,
            "could not \(verb) virtual environment '\(name)': another process is making it",
            hint: "wait for it, or choose another name"
        )
    }

    private func storage(_ verb: String, _ name: String, _ error: any Error) -> BridgeError {
        BridgeError(
            .storage,
            "could not \(verb) virtual environment '\(name)' under '\(folder)': \(error.localizedDescription)",
            hint: "choose another folder with --state",
            cause: error
        )
    }
}
