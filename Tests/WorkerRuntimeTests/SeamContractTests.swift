import AdapterSeam
import BridgeTesting
import Foundation
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("SeamContract", .serialized)
struct SeamContractTests {
    private static let adapters = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "adapters").path

    @Test("the worker runtime keeps the contract", arguments: [Sandbox.off, .preferred])
    func contract(sandbox: Sandbox) async throws {
        try await StandIn.withRuntime { options in
            (options.adapters, options.sandbox) = (Self.adapters, sandbox)
            options.callTimeout = .seconds(5)
            options.hangAfter = .seconds(1)
        } _: { runtime, source in
            try await SeamContract().run(runtime: runtime, python: source.python)
        }
    }
}
