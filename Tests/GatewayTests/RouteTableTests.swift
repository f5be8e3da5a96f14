import RewardModel
import Testing

@testable import Gateway

@Suite("Routes")
struct RouteTableTests {
    static func environment(_ name: String, _ url: String = "http://127.0.0.1:8000") throws -> FrontedEnvironment {
        FrontedEnvironment(name: name, endpoint: try EnvironmentURL(url), attachment: nil)
    }

    static func single(_ url: String = "http://127.0.0.1:8000") throws -> RouteTable {
        RouteTable([try environment("", url)])
    }

    static func several() throws -> RouteTable {
        RouteTable([try environment("echo"), try environment("chess", "http://127.0.0.1:8001/envs/chess")])
    }

    @Test(arguments: ["/", "/ws", "/ws/", "//", "//ws", "/reset", "/web/../ws", "/a%2Fb", "/docs/%C3%A9"])
    func theOnlyEnvironmentGetsEveryPathAsItIs(_ path: String) throws {
        let match = try #require(Self.single().match(path))
        #expect(match.path == path && match.upstreamTarget == path && match.prefix.isEmpty && match.sessionName == nil)
    }

    @Test func theEnvironmentsOwnPathGoesBefore() throws {
        let match = try #require(Self.single("http://h/base/").match("/ws?x=1"))
        #expect(match.upstreamTarget == "/base/ws?x=1")
    }

    @Test func ofSeveralTheFirstSegmentDecides() throws {
        let routes = try Self.several()
        let chess = try #require(routes.match("/chess/web/?a=/echo/ws"))
        #expect(chess.environment.name == "chess" && chess.path == "/web/" && chess.query == "?a=/echo/ws")
        #expect(chess.upstreamTarget == "/envs/chess/web/?a=/echo/ws" && chess.prefix == "/chess")
        let root = try #require(routes.match("/echo?x"))
        #expect(root.path == "/" && root.upstreamTarget == "/?x")
    }

    @Test(arguments: ["/", "//", "//echo/ws", "/ech", "/echoo/ws", "/ECHO/ws", "/as/run/echo/ws", "/?echo"])
    func unknownNamesLeadNowhere(_ target: String) throws {
        #expect(try Self.several().match(target) == nil)
    }

    @Test(arguments: ["", "*", "ws", "http://127.0.0.1:8000/ws", "?x=/ws"])
    func onlyTheOriginFormIsServed(_ target: String) throws {
        #expect(try Self.single().match(target) == nil)
    }

    @Test func aSessionNameMayStandBeforeEveryRoute() throws {
        let only = try #require(Self.single().match("/as/run-7/ws?session_id=u"))
        #expect(only.sessionName == "run-7" && only.path == "/ws" && only.prefix == "/as/run-7")
        #expect(only.upstreamTarget == "/ws?session_id=u" && only.isEnvironmentSocket)
        let named = try #require(Self.several().match("/chess/as/a%20b%2Fc/step"))
        #expect(named.sessionName == "a b/c" && named.path == "/step" && named.prefix == "/chess/as/a%20b%2Fc")
        let bare = try #require(Self.single().match("/as/x"))
        #expect(bare.sessionName == "x" && bare.path == "/")
    }

    @Test(arguments: ["/as/", "/as//ws"])
    func anEmptySessionNameLeadsNowhere(_ target: String) throws {
        #expect(try Self.single().match(target) == nil)
    }

    @Test func aPathThatOnlyBeginsLikeASessionNameIsTheEnvironments() throws {
        for path in ["/as", "/assets/app.js", "/asx/ws"] {
            let match = try #require(Self.single().match(path))
            #expect(match.sessionName == nil && match.path == path)
        }
    }

    @Test(arguments: [
        ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%41%", "A%"), ("a%2", "a%2"), ("%C3%A9", "é"), ("%+1", "%+1"),
        ("%-0x", "%-0x"), ("%e2%82%ac", "€"),
    ])
    func whatIsNoEscapeStays(_ name: String, _ decoded: String) throws {
        let match = try #require(Self.single().match("/as/\(name)/ws"))
        #expect(match.sessionName == decoded)
        #expect(match.prefix == "/as/\(name)")
    }

    @Test(arguments: ["/ws", "/%77s", "/w%73?x"])
    func aServerDecodesThePathBeforeItLooks(_ target: String) throws {
        #expect(try #require(Self.single().match(target)).isEnvironmentSocket)
    }

    @Test(arguments: ["/ws/", "/WS", "//ws", "/mcp", "/ws/ui", "/%2577s"])
    func otherSocketsAreNotLookedInto(_ target: String) throws {
        #expect(try !#require(Self.single().match(target)).isEnvironmentSocket)
    }

    @Test(arguments: [
        ("/ws?session_id=abc", "abc"), ("/ws?a=1&session_id=a%20b&c", "a b"), ("/ws?session_id=1&session_id=2", "2"),
        ("/ws?session_id=", nil), ("/ws?xsession_id=1", nil), ("/ws?session_id", nil), ("/ws", nil),
    ])
    func aQueryParameterIsFound(_ target: String, _ value: String?) throws {
        #expect(try #require(Self.single().match(target)).value(of: "session_id") == value)
    }
}
