import BridgeConfig
import Logging

/// The log: lines on standard error.
enum BridgeLog {
    static func start(_ level: LogLevel) -> Logger {
        var logger = Logger(label: "rewardbridge", factory: StreamLogHandler.standardError(label:))
        logger.logLevel = Logger.Level(rawValue: level.rawValue) ?? .info
        return logger
    }
}
