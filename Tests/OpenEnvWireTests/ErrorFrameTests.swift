import JSONBytes
import NIOCore
import OpenEnvWire
import Testing

@Suite struct ErrorFrameTests {
    @Test func failedRewardCarriesTheReply() {
        let frame = ErrorFrame.rewardFailed(reply: RawJSON(#"{"reward": NaN}"#))
        let text =
            #"{"type":"error","data":{"message":"reward unavailable","code":"REWARD_FAILED","#
            + #""step_executed":true,"reply":{"reward": NaN}}}"#
        #expect(String(buffer: frame) == text)
        #expect(
            String(buffer: ErrorFrame.rewardFailed(reply: nil)) == text.replacing(#"{"reward": NaN}"#, with: "null")
        )
        #expect(ServerMessage.scan(frame).kind == .error)
    }

    @Test func validationErrorsTellTheKey() {
        let text =
            #"{"type":"error","data":{"message":"no \"x\"","code":"VALIDATION_ERROR","#
            + #""errors":[{"type":"value_error","loc":["rewardbridge"],"msg":"no \"x\""}]}}"#
        #expect(String(buffer: ErrorFrame.validation(message: #"no "x""#)) == text)
    }
}
