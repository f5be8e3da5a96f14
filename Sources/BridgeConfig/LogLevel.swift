/// From which level on the log is written; the names are swift-log's.
package enum LogLevel: String, Sendable, CaseIterable, SettingValue {
    case trace
    case debug
    case info
    case notice
    case warning
    case error
    case critical
}
