import NIOCore
import Synchronization

/// The connections that a stop has to end. Safe from any thread; handlers are touched on their own event loops only.
final class GateConnections: Sendable {
    private struct State {
        var handlers: [ObjectIdentifier: NIOLoopBound<GateHandler>] = [:]
        var isStopping = false
        var whenEmpty: EventLoopPromise<Void>?
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: false when the connection is one too many, or the gate is stopping. If true, it is removed in the
    ///   end.
    func add(_ handler: GateHandler, on loop: any EventLoop) -> Bool {
        let bound = NIOLoopBound(handler, eventLoop: loop)
        return state.withLock { state in
            guard state.handlers.count < limit, !state.isStopping else { return false }
            state.handlers[ObjectIdentifier(handler)] = bound
            return true
        }
    }

    func remove(_ handler: GateHandler) {
        let promise = state.withLock { state in
            state.handlers[ObjectIdentifier(handler)] = nil
            guard state.handlers.isEmpty else { return nil as EventLoopPromise<Void>? }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        promise?.succeed()
    }

    /// Ends every connection behind the answer that it is owed, and returns when all are gone.
    /// - Parameter patience: after it, connections are closed whether their clients took the answers or not.
    func stop(within patience: Duration, on loop: any EventLoop) async {
        let empty = loop.makePromise(of: Void.self)
        let handlers = state.withLock { state in
            state.isStopping = true
            if !state.handlers.isEmpty { state.whenEmpty = empty }
            return Array(state.handlers.values)
        }
        if handlers.isEmpty { empty.succeed() }
        for handler in handlers { handler.eventLoop.execute { handler.value.stop() } }
        let last = loop.scheduleTask(in: TimeAmount(patience)) {
            for handler in handlers { handler.eventLoop.execute { handler.value.abandon() } }
        }
        // The promise is only ever kept.
        try? await empty.futureResult.get()
        last.cancel()
    }
}
