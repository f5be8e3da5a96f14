package import JSONBytes
package import NIOCore

/// The payloads of the bridge's own error messages, in the environment's form.
package enum ErrorFrame {
    /// No reward for a step that was executed. The text is constant: names and exceptions go to the log and the ledger.
    ///
    /// - Parameter reply: `data` of the environment's reply; nil is written as `null`.
    package static func rewardFailed(reply: RawJSON?) -> ByteBuffer {
        write(message: "reward unavailable", code: "REWARD_FAILED", capacity: 128 + (reply?.count ?? 0)) { data in
            data.key("step_executed")
            data.bool(true)
            data.key("reply")
            data.raw(reply ?? RawJSON("null"))
        }
    }

    /// A reset key that is not what it should be; told like the environment's own validation errors.
    package static func validation(message: String) -> ByteBuffer {
        write(message: message, code: "VALIDATION_ERROR", capacity: 256) { data in
            data.key("errors")
            data.beginArray()
            data.beginObject()
            data.key("type")
            data.string("value_error")
            data.key("loc")
            data.beginArray()
            data.string("rewardbridge")
            data.endArray()
            data.key("msg")
            data.string(message)
            data.endObject()
            data.endArray()
        }
    }

    private static func write(
        message: String,
        code: String,
        capacity: Int,
        details: (inout JSONWriter) -> Void
    ) -> ByteBuffer {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        writer.key("type")
        writer.string("error")
        writer.key("data")
        writer.beginObject()
        writer.key("message")
        writer.string(message)
        writer.key("code")
        writer.string(code)
        details(&writer)
        writer.endObject()
        writer.endObject()
        return writer.finish().bytes
    }
}
