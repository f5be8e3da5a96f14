import JSONBytes
import NIOCore
import OpenEnvWire
import Testing

@Suite struct SpliceTests {
    /// `data`, the same with reward 0.5, and the same with the breakdown as well.
    static let splices: [(String, String, String)] = [
        ("{}", #"{"reward":0.5}"#, #"{"reward":0.5,"metadata":{"rewardbridge":B}}"#),
        ("{ }", #"{ "reward":0.5}"#, #"{ "reward":0.5,"metadata":{"rewardbridge":B}}"#),
        (#"{"reward":null}"#, #"{"reward":0.5}"#, #"{"reward":0.5,"metadata":{"rewardbridge":B}}"#),
        (
            #"{"reward":1,"reward":2}"#, #"{"reward":1,"reward":0.5}"#,
            #"{"reward":1,"reward":0.5,"metadata":{"rewardbridge":B}}"#
        ),
        (
            #"{ "reward" : 9223372036854775809 , "done" : false }"#, #"{ "reward" : 0.5 , "done" : false }"#,
            #"{ "reward" : 0.5 , "done" : false ,"metadata":{"rewardbridge":B}}"#
        ),
        (
            #"{"done":true}"#, #"{"done":true,"reward":0.5}"#,
            #"{"done":true,"reward":0.5,"metadata":{"rewardbridge":B}}"#
        ),
        (
            #"{"reward":1,"metadata":{}}"#, #"{"reward":0.5,"metadata":{}}"#,
            #"{"reward":0.5,"metadata":{"rewardbridge":B}}"#
        ),
        (
            #"{"metadata":{"a": 1 },"reward":true}"#, #"{"metadata":{"a": 1 },"reward":0.5}"#,
            #"{"metadata":{"a": 1 ,"rewardbridge":B},"reward":0.5}"#
        ),
        (
            #"{"metadata":{"rewardbridge":{"old":[1]},"a":1},"reward":1}"#,
            #"{"metadata":{"rewardbridge":{"old":[1]},"a":1},"reward":0.5}"#,
            #"{"metadata":{"rewardbridge":B,"a":1},"reward":0.5}"#
        ),
        (
            #"{"metadata":{"rewardbridge":1,"reward\u0062ridge":2},"re\u0077ard":1}"#,
            #"{"metadata":{"rewardbridge":1,"reward\u0062ridge":2},"re\u0077ard":0.5}"#,
            #"{"metadata":{"rewardbridge":1,"reward\u0062ridge":B},"re\u0077ard":0.5}"#
        ),
        (
            #"{"metadata":null}"#, #"{"metadata":null,"reward":0.5}"#, #"{"metadata":{"rewardbridge":B},"reward":0.5}"#
        ),
        (
            #"{"metadata":{"a":1},"metadata":null,"reward":"x"}"#,
            #"{"metadata":{"a":1},"metadata":null,"reward":0.5}"#,
            #"{"metadata":{"a":1},"metadata":{"rewardbridge":B},"reward":0.5}"#
        ),
        (#"{"metadata":[1],"reward":{}}"#, #"{"metadata":[1],"reward":0.5}"#, #"{"metadata":[1],"reward":0.5}"#),
        (
            #"{"metadata":{"rewardbridge":},"reward":1}"#, #"{"metadata":{"rewardbridge":},"reward":0.5}"#,
            #"{"metadata":{"rewardbridge":},"reward":0.5}"#
        ),
        (
            #"{"observation":{"reward":1,"x":[NaN,"é\ud83d"]},"reward":Infinity}"#,
            #"{"observation":{"reward":1,"x":[NaN,"é\ud83d"]},"reward":0.5}"#,
            #"{"observation":{"reward":1,"x":[NaN,"é\ud83d"]},"reward":0.5,"metadata":{"rewardbridge":B}}"#
        ),
    ]

    @Test(arguments: splices) func onlyTheRewardAndTheBreakdownChange(data: String, rewarded: String, told: String)
        throws
    {
        for (head, tail) in [(#"{"type":"observation","data":"#, "}"), (#" {"data" :"#, #", "type":"observation"} "#)] {
            let payload = ByteBuffer(string: head + data + tail)
            let reply = try #require(StepReply(payload: payload))
            #expect(reply.spliced(reward: .keep) == payload)
            #expect(String(buffer: reply.spliced(reward: .value(0.5))) == head + rewarded + tail)
            let both = reply.spliced(reward: .value(0.5), breakdown: RawJSON(#"{"b":1}"#))
            #expect(String(buffer: both) == head + told.replacing("B", with: #"{"b":1}"#) + tail)
        }
    }

    @Test func breakdownAloneLeavesTheReward() throws {
        let reply = try #require(StepReply(payload: ByteBuffer(string: #"{"type":"observation","data":{}}"#)))
        let text = String(buffer: reply.spliced(reward: .keep, breakdown: RawJSON("{}")))
        #expect(text == #"{"type":"observation","data":{"metadata":{"rewardbridge":{}}}}"#)
    }

    @Test func rewardsAreFloatsOrNull() throws {
        let reply = try #require(StepReply(payload: ByteBuffer(string: #"{"type":"observation","data":{"reward":7}}"#)))
        for (reward, text) in [
            (RewardSplice.value(1), "1.0"), (.value(-0.0), "-0.0"), (.value(1e22), "1e+22"), (.null, "null"),
        ] {
            #expect(
                String(buffer: reply.spliced(reward: reward)) == #"{"type":"observation","data":{"reward":\#(text)}}"#
            )
        }
    }

    /// Around the lengths at which a frame's header grows.
    @Test(arguments: [
        0, 50, 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 74, 75, 100, 65_400, 65_535, 65_536,
    ])
    func aSplicedFrameIsTheFrameOfTheSplicedMessage(length: Int) throws {
        let filler = String(repeating: "x", count: length)
        let text = #"{"type":"observation","data":{"metadata":null,"observation":"\#(filler)","reward":12}}"#
        let reply = try #require(StepReply(payload: ByteBuffer(string: text)))
        for reward in [RewardSplice.keep, .null, .value(0.1)] {
            for breakdown in [nil, RawJSON(#"{"a":1}"#)] {
                let spliced = reply.spliced(reward: reward, breakdown: breakdown)
                let frame = FrameEncoder.text(spliced, maskingKey: nil)
                #expect(reply.splicedFrame(reward: reward, breakdown: breakdown) == frame)
            }
        }
    }

    /// A message is a slice of a larger buffer on the wire.
    @Test func sliceOffsetsDoNotMatter() throws {
        var buffer = ByteBuffer(string: #"xxx{"type":"observation","data":{"reward":7}}"#)
        buffer.moveReaderIndex(forwardBy: 3)
        let reply = try #require(StepReply(payload: buffer))
        #expect(reply.reward?.text == "7")
        #expect(String(buffer: reply.spliced(reward: .null)) == #"{"type":"observation","data":{"reward":null}}"#)
    }
}
