import JSONBytes
import SelfTest

/// The probes of a self-test, for people and machines.
struct SelfTestReport {
    private let description: RubricDescription
    private let probes: [Probe]

    /// - Parameter probes: in any order.
    init(_ loaded: RubricLoader.Loaded, _ probes: [Probe]) {
        description = RubricDescription(loaded)
        self.probes = Probe.Name.allCases.compactMap { name in probes.first { $0.name == name } }
    }

    /// Something that was declared is not so.
    var hasFailed: Bool { probes.contains { $0.verdict == .failed } }

    var text: String {
        var table = TextTable("PROBE", "VERDICT", "FIGURE", "FINDING")
        for probe in probes {
            table.add(
                probe.name.rawValue,
                probe.verdict.rawValue,
                probe.figure.isEmpty ? "-" : probe.figure,
                probe.explanation
            )
        }
        return "\(description.text)\n\n\(table.text)"
    }

    var json: RawJSON {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("passed", !hasFailed)
        writer.member("description", description.json)
        writer.key("probes")
        writer.beginArray()
        for probe in probes {
            writer.beginObject()
            writer.member("name", probe.name.rawValue)
            writer.member("verdict", probe.verdict.rawValue)
            writer.member("figure", probe.figure.isEmpty ? nil : probe.figure)
            writer.member("explanation", probe.explanation)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.finish()
    }
}
