/// Where a component runs.
package enum Placement: String, Sendable, CaseIterable, Codable {
    /// In a supervised process of its own.
    case worker
    /// In the bridge's interpreter.
    case embedded
    /// Behind HTTP.
    case remote
}
