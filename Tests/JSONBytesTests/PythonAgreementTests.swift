import BridgeTesting
import JSONBytes
import NIOCore
import Testing

@Suite struct PythonAgreementTests {
    @Test(arguments: 1...4) func whatPythonTakesIsReadTheSame(seed: Int) throws {
        let corpus = PythonCorpus(script: "json_agreement.py")
        let (wrong, taken) = try corpus.judge(seed: seed, count: 1500) { answer(RawJSON($0)) }
        #expect(wrong == [])
        // Each text comes as it was made, and in two broken copies of which some are still taken.
        #expect(taken > 1500)
    }

    private func answer(_ text: RawJSON) -> [ByteBuffer?] {
        let value = text.trimmed
        let kind = ByteBuffer(string: "\(value.kind)")
        switch value.kind {
        case .object: return [kind] + (text.members() ?? []).flatMap { [ByteBuffer(string: $0.name), $0.value.bytes] }
        case .array: return [kind] + (text.elements() ?? []).map(\.bytes)
        case .string: return [kind, value.string().map(ByteBuffer.init(string:))]
        case .number:
            let bits = value.double().map { ByteBuffer(integer: $0.bitPattern) }
            return [kind, bits, value.int().map { ByteBuffer(string: String($0)) }]
        default: return [kind]
        }
    }
}

extension RawJSON {
    /// Without the white space around a scalar, which a `RawJSON` does not have.
    fileprivate var trimmed: RawJSON {
        let isSpace: (UInt8) -> Bool = { [0x20, 0x0A, 0x0D, 0x09].contains($0) }
        let head = bytes.readableBytesView.drop(while: isSpace)
        return RawJSON(ByteBuffer(bytes: head.reversed().drop(while: isSpace).reversed()))
    }
}
