import JSONBytes
import NIOCore
import RewardModel

/// What the bridge says to a worker (RFC 002).
enum WorkerMessage {
    case load(root: String, component: RawJSON, frameMax: Int)
    case open(EpisodeKey)
    case close(EpisodeKey)
    /// - `atOnce`: its outcome must not wait for those behind it.
    case score(id: UInt64, EpisodeKey, RawJSON, isReplay: Bool, atOnce: Bool)
    case stop

    /// More than a `score` holds besides its record, the frame's length and brackets included.
    static let scoreOverhead = 256

    /// The message's size as text, or somewhat more.
    var size: Int {
        switch self {
        case .score(_, _, let record, _, _): record.count + Self.scoreOverhead
        case .load(let root, let component, _): 6 * root.utf8.count + component.count + Self.scoreOverhead
        case .open, .close, .stop: Self.scoreOverhead
        }
    }

    /// nil: not a score.
    var scoreID: UInt64? {
        if case .score(let id, _, _, _, _) = self { id } else { nil }
    }

    func write(to buffer: inout ByteBuffer) {
        switch self {
        case .load(let root, let component, let frameMax):
            buffer.writeString(#"{"type":"load","protocol":1,"frame_max":\#(frameMax),"root":"#)
            var writer = JSONWriter()
            writer.string(root)
            buffer.writeImmutableBuffer(writer.finish().bytes)
            buffer.writeStaticString(#","component":"#)
            buffer.writeImmutableBuffer(component.bytes)
        case .open(let episode):
            buffer.writeStaticString(#"{"type":"open","episode":""#)
            buffer.writeEpisode(episode)
            buffer.writeStaticString("\"")
        case .close(let episode):
            buffer.writeStaticString(#"{"type":"close","episode":""#)
            buffer.writeEpisode(episode)
            buffer.writeStaticString("\"")
        case .score(let id, let episode, let record, let isReplay, let atOnce):
            buffer.writeStaticString(#"{"type":"score","id":"#)
            buffer.writeString(String(id))
            buffer.writeStaticString(#","episode":""#)
            buffer.writeEpisode(episode)
            buffer.writeStaticString("\"")
            if isReplay { buffer.writeStaticString(#","replay":true"#) }
            if atOnce { buffer.writeStaticString(#","at_once":true"#) }
            buffer.writeStaticString(#","record":"#)
            buffer.writeImmutableBuffer(record.bytes)
        case .stop:
            buffer.writeStaticString(#"{"type":"stop""#)
        }
        buffer.writeStaticString("}")
    }
}
