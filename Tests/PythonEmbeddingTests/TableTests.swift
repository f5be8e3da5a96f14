import CPython
import Foundation
import Testing

/// The table of functions that are looked up by name, against the headers that declare them.
@Suite("table of CPython functions")
struct TableTests {
    /// Headers of every Python of the machine that has them; Debian's come with `libpython3-dev`.
    static let headers: [String] = {
        let roots = ["/usr/include"] + folders(in: NSHomeDirectory() + "/.pyenv/versions").map { $0 + "/include" }
        let found = roots.flatMap(folders(in:)).filter { FileManager.default.fileExists(atPath: $0 + "/Python.h") }
        return found.filter { (11...13).contains(minor(of: $0)) }
    }()

    @Test("there are headers to compare with")
    func headersAreThere() {
        #expect(!Self.headers.isEmpty, "install libpython3-dev")
    }

    @Test("all functions but those of the configuration are in the limited API of 3.10", arguments: headers)
    func functionsAreLimited(folder: String) throws {
        let names = Self.names.filter { !Self.ofConfiguration.contains($0) }
        try Self.compile(
            """
            #define Py_LIMITED_API 0x030A0000
            #include <Python.h>
            void *const table[] = { \(names.map { "(void *)\($0)" }.joined(separator: ", ")) };
            """,
            folder
        )
    }

    @Test("the configuration begins as it is written, and fits", arguments: headers)
    func configurationFits(folder: String) throws {
        try Self.compile(
            """
            #include <stddef.h>
            #include <Python.h>
            void *const table[] = { \(Self.ofConfiguration.map { "(void *)\($0)" }.joined(separator: ", ")) };
            _Static_assert(offsetof(PyConfig, use_hash_seed) == 5 * sizeof(int), "use_hash_seed");
            _Static_assert(offsetof(PyConfig, hash_seed) == 6 * sizeof(int), "hash_seed");
            _Static_assert(sizeof(PyConfig) < 16384, "PyConfig");
            _Static_assert(offsetof(PyStatus, func) == 8 && offsetof(PyStatus, err_msg) == 16, "PyStatus");
            _Static_assert(offsetof(PyStatus, exitcode) == 24 && sizeof(PyStatus) == 32, "PyStatus");
            """,
            folder
        )
    }

    // MARK: - Helpers of the suite

    static let ofConfiguration = [
        "Py_InitializeFromConfig", "PyConfig_SetBytesArgv", "PyConfig_InitIsolatedConfig", "PyConfig_Clear",
        "PyStatus_Exception",
    ]

    static let names: [String] = {
        var names: [String] = []
        var next = cpython_names()
        while let name = next?.pointee {
            names.append(String(cString: name))
            next = next?.successor()
        }
        return names
    }()

    private static func folders(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().map { "\(folder)/\($0)" }
    }

    private static func minor(of folder: String) -> Int {
        folder.components(separatedBy: "python3.").last.flatMap { Int($0) } ?? 0
    }

    private static func compile(_ source: String, _ folder: String) throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "table-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: place) }
        try Data(source.utf8).write(to: place.appending(path: "table.c"))
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["cc", "-Werror", "-fsyntax-only", "-I\(folder)", "table.c"]
        compiler.currentDirectoryURL = place
        let errors = Pipe()
        compiler.standardError = errors
        try compiler.run()
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        compiler.waitUntilExit()
        #expect(compiler.terminationStatus == 0, "\(text)")
    }
}
