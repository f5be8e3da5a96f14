import AdapterSeam
import JSONBytes
import NIOCore
import PythonEmbedding
import RewardModel

/// The Python half, `rewardbridge.embedded.host.Host`, in the interpreter that it was made in. On that thread only.
final class EmbeddedHost {
    static let module = "rewardbridge.embedded.host"

    private let score: PythonObject
    private let load: PythonObject
    private let retire: PythonObject
    private let open: PythonObject
    private let close: PythonObject
    private let turnFunction: PythonObject
    private let wantsTurns: PythonObject
    private let calls: OpenCalls

    /// - Throws: ``PythonFailure``.
    init(_ word: SharedWord, calls: OpenCalls, signal: Int32, bell: Int32, callTimeout: Duration) throws {
        let host = try PythonObject(importing: Self.module).attribute("Host").call(
            .memory(word.memory),
            .integer(UInt64(signal)),
            .integer(UInt64(bell)),
            .integer(callTimeout.nanoseconds)
        )
        score = try host.attribute("score")
        load = try host.attribute("load")
        retire = try host.attribute("retire")
        open = try host.attribute("open")
        close = try host.attribute("close")
        turnFunction = try host.attribute("turn")
        wantsTurns = try host.attribute("wants_turns")
        self.calls = calls
    }

    /// - Returns: a `loaded` or a `refused` message of RFC 002.
    func load(_ source: ComponentSource, as number: UInt64, until: UInt64) throws -> RawJSON {
        let expected = RawJSON(source.expected)
        let json = try source.node.bytes.withUnsafeReadableBytes { node in
            try expected.bytes.withUnsafeReadableBytes { expected in
                try load.call(
                    .integer(number),
                    .bytes(node),
                    .text(source.root),
                    .bytes(expected),
                    .integer(until)
                ).json
            }
        }
        guard let json else { throw ProtocolBreach("an answer to 'load' that is no message") }
        return json
    }

    func retire(_ number: UInt64) {
        // Forgets a name in a dictionary, which raises nothing.
        _ = try? retire.call(.integer(number))
    }

    func open(_ episode: EpisodeKey, of number: UInt64, until: UInt64) throws {
        try open.call(.integer(number), .text(episode.description), .integer(until))
    }

    func close(_ episode: EpisodeKey, of number: UInt64, until: UInt64) throws {
        try close.call(.integer(number), .text(episode.description), .integer(until))
    }

    /// nil: the answer comes in a later turn.
    func score(
        _ record: RawJSON,
        id: UInt64,
        episode: String,
        of number: UInt64,
        until: UInt64
    ) -> ComponentResult? {
        do {
            return try record.bytes.withUnsafeReadableBytes { bytes in
                let answer = try score.call(
                    .integer(number),
                    .integer(id),
                    .text(episode),
                    .bytes(bytes),
                    .integer(until)
                )
                return answer.isNone ? nil : ComponentResult(answer)
            }
        } catch {
            return ComponentResult(.failed(.exception, message: "\(error)"))
        }
    }
}

extension EmbeddedHost: BackgroundWork {
    var isWanted: Bool { (try? wantsTurns.call().integer) == 1 }

    func turn() {
        guard let answers = try? turnFunction.call() else { return }
        for index in stride(from: 0, to: answers.count - 1, by: 2) {
            guard
                let id = try? answers.item(index).integer,
                let result = try? ComponentResult(answers.item(index + 1)),
                let call = calls.take(id)
            else { continue }
            call.sink.receive([ScoreAnswer(ticket: call.ticket, result: result)])
        }
    }
}

extension ComponentResult {
    /// A number as it is, or an `outcome` message of RFC 002.
    fileprivate init(_ answer: borrowing PythonObject) {
        if let value = answer.double {
            self.init(value.isFinite ? .scored(value) : .failed(.notFinite, message: "the rubric gave \(value)"))
        } else if let members = answer.json?.memberTable() {
            self.init(reading: members)
        } else {
            self.init(.failed(.protocolError, message: "an answer that is neither a number nor a message"))
        }
    }
}

extension PythonObject {
    /// Of bytes.
    fileprivate var json: RawJSON? { withBytes { RawJSON(ByteBuffer(bytes: $0)) } }
}

extension RawJSON {
    /// `null` for nil.
    fileprivate init(_ distributions: [Distribution]?) {
        var writer = JSONWriter()
        if let distributions {
            writer.beginArray()
            for each in distributions {
                writer.beginObject()
                writer.key("name")
                writer.string(each.name)
                writer.key("version")
                writer.string(each.version)
                writer.key("record_sha256")
                if let digest = each.recordSHA256 { writer.string(digest) } else { writer.null() }
                writer.endObject()
            }
            writer.endArray()
        } else {
            writer.null()
        }
        self = writer.finish()
    }
}
