import Testing

@Suite("start of the embedded interpreter", .serialized)
struct StartTests {
    private static let code = """
        def score(action, observation):
            return 1.0
        """

    @Test("a second Python in one process is refused, and the first goes on")
    func second() throws {
        let lines = try Trial.score(Self.code, "score", "/usr/bin/python3:score", "score")
        try #require(lines.count == 5)
        #expect(lines[0] == "score: scored(1.0)")
        #expect(lines[1].contains("could not embed Python '/usr/bin/python3': this process embeds"))
        #expect(lines[2].hasPrefix("hint: "))
        #expect(lines[3...] == ["score: scored(1.0)", "given up: false"])
    }

    @Test("a Python without a shared library is refused")
    func noLibrary() throws {
        let lines = try Trial.score(python: Trial.python + "!", Self.code, "score")
        #expect(lines.first?.contains("it has no shared library (libpython)") == true)
    }

    @Test("a library that cannot be opened is refused with the reason")
    func brokenLibrary() throws {
        let lines = try Trial.score(python: Trial.python + "!/dev/null", Self.code, "score")
        #expect(lines.first?.contains("dlopen: /dev/null") == true)
    }

    @Test("an interpreter that comes up with another prefix is refused")
    func otherPrefix() throws {
        let lines = try Trial.score(python: Trial.python + "@/nowhere", Self.code, "score")
        #expect(lines.first?.contains("it came up with the prefix '") == true)
        #expect(lines.first?.contains("and not '/nowhere'") == true)
    }
}
