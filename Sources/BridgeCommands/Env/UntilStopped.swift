/// Work that SIGINT or SIGTERM cuts short in good order.
enum UntilStopped {
    /// Runs the work; a signal cancels its task, which is waited for.
    ///
    /// - Returns: the signal that ended it; nil when it was done.
    /// - Throws: what the work throws, unless that is because of a signal.
    static func run(_ work: @escaping @Sendable () async throws -> Void) async throws -> Int32? {
        let (signals, signal) = AsyncStream.makeStream(of: Int32.self)
        return try await withThrowingTaskGroup(of: End.self) { group in
            group.addTask {
                await StopSignals.watch { if case .signal(let number) = $0 { signal.yield(number) } }
                return .nothing
            }
            group.addTask {
                try await work()
                return .done
            }
            group.addTask {
                for await number in signals { return .signal(number) }
                return .nothing
            }
            defer { group.cancelAll() }
            return try await end(of: &group)
        }
    }

    private enum End: Sendable {
        case done
        case signal(Int32)
        /// Of a task that was cancelled.
        case nothing
    }

    private static func end(of group: inout ThrowingTaskGroup<End, any Error>) async throws -> Int32? {
        while let end = try await group.next() {
            switch end {
            case .done: return nil
            case .nothing: continue
            case .signal(let number):
                group.cancelAll()
                while let rest = await group.nextResult() {
                    if case .success(.done) = rest { return nil }
                }
                return number
            }
        }
        return nil
    }
}
