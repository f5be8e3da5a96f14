import PythonEnvironments
import Testing

@Suite("Ranges of Python versions")
struct PythonRangeTests {
    @Test(
        "A version is in a range when every clause holds",
        arguments: [
            (">=3.10", "3.10.0", true), (">=3.10", "3.9.18", false), (">=3.10", "3.10", true),
            (">=3.10", "4.0.0", true),
            (">=3.10,<3.13", "3.12.9", true), (">=3.10,<3.13", "3.13.0", false), (">=3.10, <3.13", "3.11.7", true),
            ("==3.11.*", "3.11.7", true), ("==3.11.*", "3.1.1", false), ("==3.11", "3.11.0", true),
            ("==3.11", "3.11.7", false), (">3.11", "3.11.0", false), (">3.11", "3.11.1", true),
            ("<=3.12", "3.12.0", true), ("<=3.12", "3.12.1", false), ("!=3.12.*", "3.12.4", false),
            ("!=3.12.1", "3.12.4", true), (">=3.14", "3.14.0rc1", true),
        ]
    )
    func membership(range: String, version: String, isInside: Bool) throws {
        #expect(try #require(PythonRange(range)).contains(version) == isInside)
    }

    @Test(
        "A range of another form is none",
        arguments: ["", "3.11", ">=", ">=3.x", "~=3.11", ">=3.*", "=>3.10", ",", "==*"]
    )
    func unreadable(text: String) {
        #expect(PythonRange(text) == nil)
    }

    @Test("A version without numbers is in no range")
    func noVersion() throws {
        #expect(try !#require(PythonRange(">=3.10")).contains("unknown"))
    }
}
