import AdapterSeam
import Foundation
import JSONBytes
import NIOCore
import RewardModel
import RubricTree

/// Scores records one after the other, each as an episode of its own.
struct RecordScorer: Sendable {
    private let component: any LoadedComponent
    private let range: ScoreRange?
    private let patience: Duration
    private let session = SessionID(high: 0, low: 0)

    init(_ loaded: RubricLoader.Loaded, patience: Duration) {
        component = loaded.component
        range = loaded.range ?? loaded.component.description.range
        self.patience = patience
    }

    func score(_ record: RecordLines.Line) async -> ComponentResult {
        let episode = EpisodeKey(session: session, number: record.number)
        guard record.json.members() != nil else {
            return ComponentResult(.failed(.unreadable, message: "not a JSON object"))
        }
        if component.description.isStateful { component.open(episode) }
        defer { if component.description.isStateful { component.close(episode) } }
        var result = await withCheckedContinuation { continuation in
            let call = ScoreCall(ticket: 1, episode: episode, record: record.json, deadline: .now + patience)
            component.score([call], into: OneAnswer(continuation))
        }
        result.outcome = result.outcome.checked(in: range)
        return result
    }

    /// The seam answers each call exactly once, so the continuation is resumed exactly once.
    private struct OneAnswer: ScoreSink {
        let continuation: CheckedContinuation<ComponentResult, Never>

        init(_ continuation: CheckedContinuation<ComponentResult, Never>) {
            self.continuation = continuation
        }

        func receive(_ answers: [ScoreAnswer]) {
            for answer in answers { continuation.resume(returning: answer.result) }
        }
    }
}

/// The lines of a record file.
enum RecordLines {
    struct Line: Sendable {
        let number: Int
        let json: RawJSON
    }

    /// - Parameter path: `-` is standard input.
    /// - Throws: ``BridgeError`` (`.storage`) when the file cannot be read.
    static func read(_ path: String) throws -> [Line] {
        let data =
            path == "-" ? FileHandle.standardInput.readDataToEndOfFile() : FileManager.default.contents(atPath: path)
        guard let data else {
            throw BridgeError(
                .storage,
                "could not read records '\(path)'",
                hint: "name a JSONL file, or - for standard input"
            )
        }
        let lines = ByteBuffer(bytes: data).readableBytesView.split(
            separator: UInt8(ascii: "\n"),
            omittingEmptySubsequences: false
        )
        return lines.enumerated().compactMap { offset, bytes in
            bytes.allSatisfy { [0x20, 0x09, 0x0D].contains($0) }
                ? nil : Line(number: offset + 1, json: RawJSON(ByteBuffer(bytes)))
        }
    }
}

extension ComponentResult {
    func text(line: Int) -> String {
        if let members {
            let values = members.map(\.value).joined(separator: ", ")
            return "line \(line): group of \(members.count): \(values)"
        }
        return "line \(line): \(value)\(outcome.text.map { ": \($0)" } ?? "")"
    }

    func json(line: Int) -> RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("line", line)
        write(to: &writer)
        if let members {
            writer.key("members")
            writer.beginArray()
            for member in members {
                writer.beginObject()
                member.write(to: &writer)
                writer.endObject()
            }
            writer.endArray()
        }
        writer.endObject()
        return writer.finish()
    }

    private var value: String { outcome.value.map { "\($0)" } ?? outcome.label }

    private func write(to writer: inout JSONWriter) {
        writer.member("status", outcome.status.rawValue)
        writer.member("reward", outcome.value)
        writer.member("kind", outcome.kind?.rawValue)
        writer.member("message", outcome.text)
        writer.member("components", components)
        writer.member("metrics", metrics)
        writer.member("labels", labels)
    }
}
