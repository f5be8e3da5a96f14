package import JSONBytes
import RewardModel

extension ComponentSource {
    /// The node as the adapter reads it: `adapter`, `target`, and its settings.
    package var node: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("adapter")
        writer.string(reference.adapter)
        writer.key("target")
        writer.string(reference.target)
        for (name, value) in settings.members() ?? [] {
            writer.key(name)
            writer.raw(value)
        }
        writer.endObject()
        return writer.finish()
    }
}
