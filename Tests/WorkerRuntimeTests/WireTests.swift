import AdapterSeam
import BridgeTesting
import JSONBytes
import NIOCore
import RewardModel
import Testing

@testable import WorkerRuntime

@Suite("RFC 002 on the wire")
struct WireTests {
    private func frames(_ chunks: [ByteBuffer], frameMax: Int = 100) throws -> [String] {
        let processor = NIOSingleStepByteToMessageProcessor(FrameDecoder(frameMax: frameMax))
        var frames: [String] = []
        for chunk in chunks {
            try processor.process(buffer: chunk) { frames.append(String(buffer: $0)) }
        }
        return frames
    }

    private func encoded(_ texts: String...) -> ByteBuffer {
        var buffer = ByteBuffer()
        for text in texts {
            buffer.writeInteger(UInt32(text.utf8.count))
            buffer.writeString(text)
        }
        return buffer
    }

    @Test("frames are cut whole, byte by byte, and glued together")
    func cutting() throws {
        let texts = ["{}", "[1,2]", String(repeating: "x", count: 100)]
        let bytes = encoded(texts[0], texts[1], texts[2])
        #expect(try frames([bytes]) == texts)
        #expect(try frames(bytes.readableBytesView.map { ByteBuffer(bytes: [$0]) }) == texts)
        for cut in 0...bytes.readableBytes {
            let head = try #require(bytes.getSlice(at: 0, length: cut))
            let tail = try #require(bytes.getSlice(at: cut, length: bytes.readableBytes - cut))
            #expect(try frames([head, tail]) == texts)
        }
    }

    @Test("a frame of frame_max bytes passes; one more, or none, does not")
    func limits() throws {
        #expect(try frames([encoded("1234")], frameMax: 4) == ["1234"])
        #expect(throws: ProtocolBreach.self) { try frames([encoded("12345")], frameMax: 4) }
        #expect(throws: ProtocolBreach.self) { try frames([encoded("")]) }
    }

    @Test("several messages are an array in one frame, up to frame_max; one is itself")
    func packing() throws {
        let score = WorkerMessage.score(id: 7, .number(3), RawJSON(#"{"a":1}"#), isReplay: false, atOnce: false)
        let replay = WorkerMessage.score(id: 8, .number(3), RawJSON("{}"), isReplay: true, atOnce: true)
        var one = ByteBuffer()
        FrameEncoder.write([score], to: &one)
        let key = EpisodeKey.number(3).description
        let text = #"{"type":"score","id":7,"episode":"\#(key)","record":{"a":1}}"#
        #expect(try frames([one], frameMax: 1000) == [text])

        let messages: [WorkerMessage] = [.open(.number(3)), replay, .close(.number(3)), .stop]
        var several = ByteBuffer()
        FrameEncoder.write(messages[...], to: &several)
        let frame = RawJSON(text: try #require(try frames([several], frameMax: 1000).first))
        let types = frame.elements()?.map { $0.member("type")?.string() ?? "" }
        #expect(types == ["open", "score", "close", "stop"])
        #expect(frame.element(at: 1)?.member("replay")?.bool() == true)
        #expect(frame.element(at: 1)?.member("at_once")?.bool() == true)

        let sizes = messages.map(\.size)
        #expect(FrameEncoder.count(fitting: sizes[0] + sizes[1] + 2, of: messages[...]) == 2)
        #expect(FrameEncoder.count(fitting: 1, of: messages[...]) == 1)
        #expect(FrameEncoder.count(fitting: 1 << 20, of: messages[...]) == 4)
    }

    @Test("an episode is written as it describes itself")
    func episode() {
        for (high, low) in [(0, 0), (.max, .max), (0x0193_4567_89AB_7CDE, 0x8F01_2345_6789_ABCD)] as [(UInt64, UInt64)]
        {
            let key = EpisodeKey(session: SessionID(high: high, low: low), number: 12)
            var buffer = ByteBuffer()
            buffer.writeEpisode(key)
            #expect(String(buffer: buffer) == key.description)
        }
    }

    @Test("an unreadable frame gives its messages back, until an answer shows that it was read")
    func unreadable() {
        func score(_ id: UInt64) -> WorkerMessage {
            .score(id: id, .number(0), RawJSON("{}"), isReplay: false, atOnce: false)
        }
        var frames = SentFrames()
        frames.append([.load(root: "/", component: RawJSON("{}"), frameMax: 100)])
        frames.append([score(1), score(2)])
        frames.append([.open(.number(0)), score(3)])
        frames.append([score(4)])
        #expect(frames.take(3)?.count == 2)
        #expect(frames.take(3) == nil, "once")
        frames.append([score(3)])
        frames.answered(4)
        #expect(frames.take(1) == nil && frames.take(2) == nil && frames.take(4) == nil)
        #expect(frames.take(5)?.compactMap(\.scoreID) == [3])
    }

    @Test("a description is read in full")
    func description() throws {
        let text = #"""
            {"type": "loaded", "description": {"unit": "episode", "needs": ["action", "history"], "columns": ["c"],
             "stateful": true, "async": true, "elementwise": true, "prefix": true, "deterministic": false,
             "range": [-1, 1.5], "components": ["format"], "library": {"name": "trl", "version": "1.16.0"},
             "distributions": [{"name": "z", "version": "1", "record_sha256": null},
                               {"name": "a", "version": "2", "record_sha256": "ab"}],
             "modules": ["b.py", "a.py"], "later": {"version": 2}}}
            """#
        let replies = try WorkerReply.read(ByteBuffer(string: text))
        guard case .loaded(let found) = try #require(replies.first) else { throw ContractBreach("not loaded") }
        #expect(found.unit == .episode && found.needs == [.action, .history] && found.columns == ["c"])
        #expect(found.isStateful && found.isAsynchronous && found.isElementwise && found.scoresPrefixes)
        #expect(found.isDeterministic == false && found.range == ScoreRange(-1, 1.5))
        #expect(found.library == .init(name: "trl", version: "1.16.0") && found.components == ["format"])
        #expect(found.distributions.map(\.name) == ["a", "z"] && found.distributions[0].recordSHA256 == "ab")
        #expect(found.modules == ["a.py", "b.py"] && found.loadCost == .init())
    }

    @Test("what loading took is told beside the description, and makes no other component")
    func loadCost() throws {
        let description = #""description": {"unit": "step", "needs": [], "library": {"name": "python"}}"#
        let found = try [", \"load_ms\": 1500, \"rss_kib\": 3", ", \"load_ms\": 2", ", \"load_ms\": \"x\""].map {
            more in
            let replies = try WorkerReply.read(ByteBuffer(string: #"{"type": "loaded", \#(description)\#(more)}"#))
            guard case .loaded(let found) = try #require(replies.first) else { throw ContractBreach("not loaded") }
            return found
        }
        #expect(found[0].loadCost == .init(duration: .milliseconds(1500), memory: 3072))
        #expect(found[1].loadCost == .init(duration: .milliseconds(2)) && found[2].loadCost == .init())
        #expect(found[0].isAlike(found[1]) && found[0] != found[1])
        var other = found[0]
        other.isStateful = true
        #expect(!other.isAlike(found[0]))
    }

    @Test("an outcome keeps its parts and time; its text is bounded")
    func outcome() throws {
        let long = String(repeating: "x", count: 100_000)
        let text = #"""
            [{"type":"outcome","id":7,"status":"scored","reward":0.5,"run_us":41,"components":[{"path":"a"}],
              "metrics":{"length":12.0}},
             {"type":"outcome","id":8,"status":"failed","kind":"exception","message":"\#(long)","traceback":"\#(long)"}]
            """#
        let replies = try WorkerReply.read(ByteBuffer(string: text))
        guard case .outcome(7, let scored) = replies[0], case .outcome(8, let failed) = replies[1] else {
            throw ContractBreach("not the outcomes of 7 and 8")
        }
        #expect(scored.outcome == .scored(0.5) && scored.runTime == .microseconds(41))
        #expect(scored.components?.text == #"[{"path":"a"}]"# && scored.metrics?.text == #"{"length":12.0}"#)
        #expect(failed.outcome.text?.count == 4097)
    }
}
