import OpenEnvWire
import Testing

@testable import Gateway

@Suite struct RequestFIFOTests {
    private typealias FIFO = RequestFIFO<Int>

    @Test func repliesMatchInOrder() {
        var fifo = FIFO()
        let requests: [ClientMessage.Kind] = [.reset, .step, .state, .mcp, .close, .validation, .other]
        for (context, kind) in requests.enumerated() {
            fifo.requestSent(kind, context: context)
        }
        #expect(fifo.count == 6)
        let replies: [ServerMessage.Kind] = [.observation, .error, .state, .mcp, .other, .error]
        #expect(replies.map { fifo.replyArrived($0).context } == [0, 1, 2, 3, 5, 6])
        #expect(fifo.count == 0)
    }

    @Test(arguments: ClientMessage.Kind.allCases.filter { $0 != .close }, ServerMessage.Kind.allCases)
    func everyRequestTakesItsOwnKindOfReply(request: ClientMessage.Kind, reply: ServerMessage.Kind) {
        let expected: [ClientMessage.Kind: [ServerMessage.Kind]] = [
            .reset: [.observation, .error], .step: [.observation, .error], .state: [.state, .error],
            .mcp: [.mcp, .error],
        ]
        var fifo = FIFO()
        fifo.requestSent(request, context: 1)
        let fits = expected[request].map { $0.contains(reply) } ?? true
        #expect((fifo.replyArrived(reply).context == 1) == fits)
        #expect(fifo.isDesynchronised == !fits)
    }

    @Test func errorsMayComeUnasked() {
        var fifo = FIFO()
        guard case .unasked = fifo.replyArrived(.error) else {
            Issue.record("an error may come unasked")
            return
        }
        #expect(!fifo.isDesynchronised)
        fifo.requestSent(.step, context: 1)
        #expect(fifo.replyArrived(.observation).context == 1)
    }

    @Test(arguments: ServerMessage.Kind.allCases.filter { $0 != .error })
    func nothingElseMayComeUnasked(kind: ServerMessage.Kind) {
        var fifo = FIFO()
        #expect(fifo.replyArrived(kind).isDesynchronised)
        #expect(fifo.isDesynchronised)
    }

    @Test func lostTrackIsNeverFoundAgain() {
        var fifo = FIFO()
        fifo.requestSent(.step, context: 1)
        fifo.requestSent(.state, context: 2)
        #expect(fifo.replyArrived(.state).isDesynchronised)
        fifo.requestSent(.step, context: 3)
        #expect(fifo.replyArrived(.observation).isDesynchronised)
        #expect(fifo.replyArrived(.error).isDesynchronised)
        #expect(fifo.drain().map(\.context) == [1, 2])
        #expect(fifo.count == 0)
    }
}

extension RequestFIFO.Match {
    fileprivate var context: Context? {
        if case .matched(let entry) = self { entry.context } else { nil }
    }

    fileprivate var isDesynchronised: Bool {
        if case .desynchronised = self { true } else { false }
    }
}
