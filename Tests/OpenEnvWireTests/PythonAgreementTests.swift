import BridgeTesting
import JSONBytes
import NIOCore
import OpenEnvWire
import Testing

@Suite struct PythonAgreementTests {
    @Test(arguments: 1...4) func whatPythonTakesIsFoundAndSplicedTheSame(seed: Int) throws {
        let corpus = PythonCorpus(script: "wire_agreement.py")
        let (wrong, taken) = try corpus.judge(seed: seed, count: 1500) { reply($0) + request($0) + body($0) }
        #expect(wrong == [])
        // Each text comes as it was made, and in two broken copies of which some are still taken.
        #expect(taken > 1500)
    }

    private let breakdown = RawJSON(#"{"episode":1,"scores":[0.5]}"#)

    private func reply(_ text: ByteBuffer) -> [ByteBuffer?] {
        let kind = ByteBuffer(string: "\(ServerMessage.scan(text).kind)")
        guard let reply = StepReply(payload: text) else { return [kind] + Array(repeating: nil, count: 9) }
        let values = [reply.data, reply.observation, reply.reward, nil, reply.metadata].map { $0?.bytes }
        return [kind] + values[..<3] + [ByteBuffer(string: "\(reply.done)")] + values[4...] + [
            reply.spliced(reward: .keep),
            reply.spliced(reward: .value(0.25)),
            reply.spliced(reward: .null),
            reply.spliced(reward: .value(0.25), breakdown: breakdown),
        ]
    }

    private func request(_ text: ByteBuffer) -> [ByteBuffer?] {
        let message = ClientMessage.scan(text)
        return [
            ByteBuffer(string: "\(message.kind)"),
            message.data?.bytes,
            ByteBuffer(string: "\(message.isToolListing)"),
            message.resetKey?.value.bytes,
            message.resetKey?.payloadWithoutKey,
        ]
    }

    private func body(_ text: ByteBuffer) -> [ByteBuffer?] {
        let cut = ResetKey.cut(fromObject: text)
        return [cut?.value.bytes, cut?.rest]
    }
}
