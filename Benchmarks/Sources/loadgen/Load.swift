import Glibc
import Loopback

/// The sessions of one run, on one thread.
final class Load {
    private let poller: Poller
    private let sessions: [Session]

    /// Connects and resets all sessions, one after the other.
    init(port: UInt16, path: String, sessions count: Int, reset: String, step: String, check: ReplyCheck) throws {
        poller = try Poller()
        let frame = Frame.bytes(.text, Array(step.utf8), masked: true)
        sessions = try (0..<count).map { _ in
            let connection = Connection(try Socket.connect(port: port), masks: true)
            try Handshake.request(connection, port: port, path: path)
            return Session(connection, step: frame, check: check)
        }
        for (index, session) in sessions.enumerated() {
            try session.reset(Array(reset.utf8))
            try poller.add(session.descriptor, token: index)
        }
    }

    /// Keeps one step in flight in each session for so long, and waits for the replies that are then still out.
    func run(seconds: Double) throws -> Measurement {
        let began = Clock.now()
        let deadline = began + UInt64(seconds * 1e9)
        guard seconds > 0 else { return Measurement(latencies: [], nanoseconds: 0) }
        var latencies: [UInt32] = []
        latencies.reserveCapacity(Int(seconds * 200_000))
        for session in sessions { try session.sendStep() }
        var inFlight = sessions.count
        while inFlight > 0 {
            for index in try poller.wait(milliseconds: 10_000, orFail: "no reply for ten seconds") {
                guard let latency = try sessions[index].receiveReply() else { continue }
                latencies.append(latency)
                if Clock.now() < deadline {
                    try sessions[index].sendStep()
                } else {
                    inFlight -= 1
                }
            }
        }
        return Measurement(latencies: latencies, nanoseconds: Clock.now() - began)
    }

    func close() {
        for session in sessions { session.close() }
    }
}

enum Clock {
    /// Nanoseconds of the monotonic clock.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
