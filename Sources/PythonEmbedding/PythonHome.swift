/// The Python that is to be embedded, as its executable described itself when it was run.
package struct PythonHome: Sendable, Hashable {
    /// An absolute path; links stay, because a virtual environment's Python is one.
    package let executable: String
    /// To the patch: `3.11.7`.
    package let version: String
    /// `sys.prefix`: of the virtual environment, if it is one.
    package let prefix: String
    /// Where its shared library may be, the likeliest place first; empty when it has none.
    package let libraries: [String]

    package init(executable: String, version: String, prefix: String, libraries: [String]) {
        self.executable = executable
        self.version = version
        self.prefix = prefix
        self.libraries = libraries
    }
}
