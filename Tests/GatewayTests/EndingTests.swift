import BridgeTesting
import RewardModel
import Testing

@testable import Gateway

@Suite("How sessions end", .serialized)
struct EndingTests {
    @Test(arguments: [false, true])
    func aScoreForAClientThatIsGoneIsRecordedAsNotDelivered(_ isReset: Bool) async throws {
        try await withGateway(.scored) { live in
            let session = try await live.openHeldSession()
            if isReset { session.client.reset() } else { session.client.close() }
            #expect(try session.environment.readToEnd().isEmpty)
            session.environment.close()
            try await live.journal.wait(for: "the session's end") { $0.sessionEnds == 1 }
            live.component.answer(0, .scored(1))
            let rows = try await live.journal.wait(for: "the rows") {
                $0.outcomes.count == 1 && $0.episodes[1]?.end != nil
            }
            #expect(rows.outcomes.first?.delivery == DeliveryState.none && rows.outcomes.first?.outcome == .scored(1))
            let episode = try #require(rows.episodes[1])
            #expect(episode.end == .disconnect && !episode.usable && episode.undelivered)
        }
    }

    @Test(arguments: [false, true])
    func aHeldReplyOutlivesTheEnvironment(_ isReset: Bool) async throws {
        try await withGateway(.scored) { live in
            let session = try await live.openHeldSession()
            if isReset { session.environment.reset() } else { session.environment.close() }
            try await live.journal.wait(for: "the session's end") { $0.sessionEnds == 1 }
            // More requests than anybody will read must not cost the client its reply.
            try session.client.send(Frame(.binary, Array(repeating: 1, count: 500_000), mask: [0, 0, 0, 0]))
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            #expect(try session.client.readToEnd().isEmpty)
            session.client.close()
            #expect(live.journal.outcomes.first?.delivery == .inline)
            #expect(live.journal.episodes[1]?.end == .upstreamLost)
        }
    }

    @Test func aCloseFromTheEnvironmentWaitsForHeldReplies() async throws {
        try await withGateway(.scored) { live in
            let session = try live.openSession()
            try session.reset()
            try session.step("held")
            try session.environment.send(.close(1012, "restart", masked: false))
            try await live.component.wait(forCalls: 1)
            #expect(!session.client.hasInput(within: .milliseconds(50)))
            live.component.answer(0, .scored(1))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            #expect(try session.client.readFrame() == .close(1012, "restart", masked: false))
            try session.client.send(.close(1012, masked: true))
            #expect(try session.environment.readFrame().code == 1012)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    @Test func anEnvironmentThatDoesNotEndIsLeftAfterTheCloseTimeout() async throws {
        var setup = GatewaySetup()
        setup.limits.closeTimeout = .milliseconds(200)
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.client.send(.close(1000, masked: true))
            _ = try session.environment.readFrame()
            try session.environment.send(.close(1000, masked: false))
            _ = try session.client.readFrame()
            #expect(try session.client.readToEnd().isEmpty)
            #expect(try session.environment.readToEnd().isEmpty)
        }
    }

    @Test func aClientThatDoesNotEndIsLeftAfterTheCloseTimeout() async throws {
        var setup = GatewaySetup()
        setup.limits.closeTimeout = .milliseconds(200)
        try await withGateway(setup) { live in
            let session = try live.openSession()
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
            // Only then does the connection refuse what the client sends.
            try session.client.awaitReset()
        }
    }

    // MARK: - Violations

    /// What a client must not send, the code that both sides are told, and what the environment still got.
    private static let clientViolations: [(bytes: [UInt8], client: Int, environment: Int)] = [
        (Frame.server(.text, "unmasked").bytes, 1002, 1001),
        ([0xC1, 0x80, 1, 2, 3, 4], 1002, 1001),
        ([0x83, 0x80, 1, 2, 3, 4], 1002, 1001),
        ([0x09, 0x80, 1, 2, 3, 4], 1002, 1001),
        ([0x89, 0xFE, 0, 126, 1, 2, 3, 4], 1002, 1001),
        ([0x81, 0xFE, 0, 5, 1, 2, 3, 4], 1002, 1001),
        (Frame.client(.continuation, "lone").bytes, 1002, 1001),
        (Frame.client(.text, "a", isFinal: false).bytes + Frame.client(.text, "b").bytes, 1002, 1001),
        ([0x81, 0xFF, 0, 0, 0, 0, 0, 0x10, 0, 1, 1, 2, 3, 4], 1009, 1009),
    ]

    @Test(arguments: clientViolations.indices)
    func aClientsViolationClosesBothSides(_ index: Int) async throws {
        let violation = Self.clientViolations[index]
        try await withGateway { live in
            let session = try live.openSession()
            try session.client.send(violation.bytes)
            let told = try session.client.readFrame()
            #expect(told.opcode == .close && told.code == violation.client && !told.isMasked && !told.reason.isEmpty)
            let upstream = try session.environment.readFrame()
            #expect(upstream.opcode == .close && upstream.code == violation.environment && upstream.isMasked)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
            #expect(live.gateway.counters.violations == 1)
        }
    }

    private static let environmentViolations: [(bytes: [UInt8], environment: Int, client: Int)] = [
        (Frame.client(.text, "masked").bytes, 1002, 1011),
        ([0xC1, 0x00], 1002, 1011),
        ([0x8B, 0x00], 1002, 1011),
        ([0x08, 0x00], 1002, 1011),
        ([0x8A, 0x7E, 0, 126], 1002, 1011),
        ([0x82, 0x7F, 0, 0, 0, 0, 0, 0, 0, 5], 1002, 1011),
        (Frame.server(.continuation, "lone").bytes, 1002, 1011),
        ([0x82, 0x7F, 0, 0, 0, 0, 0, 0x80, 0, 1], 1009, 1009),
    ]

    @Test(arguments: environmentViolations.indices, [false, true])
    func anEnvironmentsViolationClosesBothSides(_ index: Int, _ isScored: Bool) async throws {
        let violation = Self.environmentViolations[index]
        try await withGateway(isScored ? .scored : GatewaySetup()) { live in
            let session = try live.openSession()
            try session.environment.send(violation.bytes)
            let told = try session.environment.readFrame()
            #expect(told.opcode == .close && told.code == violation.environment && told.isMasked)
            let client = try session.client.readFrame()
            #expect(client.opcode == .close && client.code == violation.client && !client.isMasked)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    /// A client in the middle of sending too much still gets to read why it is over.
    @Test func theCodeReachesAClientThatIsStillSending() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            try session.client.send(Frame(.binary, Array(repeating: 1, count: 4 << 20), mask: [0, 0, 0, 0]))
            _ = try session.environment.readFrame()
            session.environment.close()
            try session.client.send(Frame(.binary, Array(repeating: 1, count: 1 << 20), mask: [0, 0, 0, 0]))
            #expect(try session.client.readFrame().code == 1009)
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    @Test func aViolationReleasesTheRepliesThatAreOwed() async throws {
        try await withGateway(.scored) { live in
            let session = try await live.openHeldSession()
            try session.client.send([0xC1, 0x80, 1, 2, 3, 4])
            #expect(try session.client.readFrame().text.contains("REWARD_FAILED"))
            #expect(try session.client.readFrame().code == 1002)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
            #expect(live.journal.outcomes.map(\.outcome.kind) == [.cancelled])
            #expect(live.journal.episodes[1]?.end == .disconnect)
            live.component.answer(0, .scored(1))
        }
    }

    /// A reply that waits for the disk goes out ahead of the close frame, or not at all.
    @Test func noDataFrameFollowsACloseFrame() async throws {
        var setup = GatewaySetup.scored
        setup.options.durability = .reply
        try await withGateway(setup) { live in
            let session = try await live.openHeldSession()
            live.component.answer(0, .scored(1))
            try await live.journal.wait(forSyncs: 1)
            try session.client.send([0xC1, 0x80, 1, 2, 3, 4])
            #expect(try session.environment.readFrame().code == 1001)
            live.journal.finishSyncs(.success(()))
            #expect(try session.client.readFrame().text == Session.scored("held", "1.0"))
            #expect(try session.client.readFrame().code == 1002)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    /// Its bytes would be read as the frame's, and might make it whole.
    @Test func noCloseFrameStandsInsideAnotherFrame() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let begun = Frame.server(.text, Session.stepReply("cut short")).bytes.dropLast(4)
            try session.environment.send(begun)
            #expect(try session.client.read(begun.count) == Array(begun))
            try session.client.send([0xC1, 0x80, 1, 2, 3, 4])
            #expect(try session.environment.readFrame().code == 1001)
            #expect(try session.client.readToEnd().isEmpty)
            session.environment.close()
        }
        try await withGateway { live in
            let session = try live.openSession("/mcp")
            let begun = Frame.client(.text, "cut short").bytes.dropLast(4)
            try session.client.send(begun)
            #expect(try session.environment.read(begun.count) == Array(begun))
            try session.environment.send(.client(.text, "masked"))
            #expect(try session.client.readFrame().code == 1011)
            #expect(try session.environment.readToEnd().isEmpty)
            session.environment.close()
        }
    }

    @Test func noSecondCloseFrameFollowsAClientsOwn() async throws {
        try await withGateway { live in
            let session = try live.openSession()
            let close = Frame.close(1000, masked: true)
            try session.client.send(close.bytes + [0xC1, 0x80, 1, 2, 3, 4])
            #expect(try session.environment.readFrame() == close)
            #expect(try session.client.readFrame().code == 1002)
            session.client.close()
            #expect(try session.environment.readToEnd().isEmpty)
            session.environment.close()
        }
    }

    @Test func theMemoryBudgetClosesASessionThatCannotBeServed() async throws {
        var setup = GatewaySetup()
        setup.limits.memoryMax = 50_000
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.client.send(Frame(.text, Array(repeating: 0x61, count: 100_000), mask: [0, 0, 0, 0]))
            #expect(try session.client.readFrame().code == 1013)
            #expect(try session.environment.readFrame().code == 1001)
            session.environment.close()
            #expect(try session.client.readToEnd().isEmpty)
        }
    }

    /// Halves of messages and a held reply are left behind when the session ends.
    @Test func theBudgetGetsBackWhatASessionLeavesBehind() async throws {
        try await withGateway(.scored) { live in
            let session = try await live.openHeldSession()
            try session.client.send(Frame.client(.text, Session.step("half")).bytes.dropLast(5))
            try session.environment.send(Frame.server(.text, Session.stepReply("half")).bytes.dropLast(5))
            let halves = Session.step("half").utf8.count + Session.stepReply("half").utf8.count - 10
            let held = Session.stepReply("held").utf8.count
            try await live.until("both halves are there") { live.gateway.shared.budget.bytesUsed == halves + held }
            session.client.reset()
            #expect(try session.environment.readToEnd().isEmpty)
            session.environment.close()
            try await live.journal.wait(for: "the session's end") { $0.sessionEnds == 1 }
            live.component.answer(0, .scored(1))
            try await live.journal.wait(for: "the step's row") { $0.outcomes.count == 1 }
        }
    }

    @Test func theClockRunsForAComponentThatNeverAnswers() async throws {
        var setup = GatewaySetup.scored
        setup.options.deadline = .milliseconds(100)
        try await withGateway(setup) { live in
            let session = try live.openSession()
            try session.reset()
            try session.step("a")
            try session.step("b")
            #expect(try session.client.readFrame().text.contains("REWARD_FAILED"))
            #expect(try session.client.readFrame().text.contains("REWARD_FAILED"))
            try session.close()
            #expect(live.journal.outcomes.map(\.outcome.kind) == [.timeout, .timeout])
        }
    }
}

extension RawSocket {
    /// Sends until the other side refuses it.
    func awaitReset() throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while (try? send([0x89, 0x80, 0, 0, 0, 0])) != nil {
            guard ContinuousClock.now < deadline else { throw Failure(message: "the connection is still open") }
        }
    }
}
