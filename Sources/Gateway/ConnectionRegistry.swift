import NIOCore
import RewardModel
import Synchronization

/// The connections that a stop has to end. Safe from any thread; sessions are touched on their own event loops only.
final class ConnectionRegistry: Sendable {
    struct State {
        var sessions: [SessionID: NIOLoopBound<RelaySession>] = [:]
        /// Sessions, and handshakes that may become one.
        var admitted = 0
        var fronts: [ObjectIdentifier: NIOLoopBound<FrontHandler>] = [:]
        var isStopping = false
        var whenEmpty: EventLoopPromise<Void>?

        var isEmpty: Bool { sessions.isEmpty && fronts.isEmpty }
    }

    let state = Mutex(State())

    var sessionCount: Int { state.withLock { $0.sessions.count } }

    /// Counts a handshake that is about to begin.
    /// - Returns: false when there are as many sessions and handshakes as may be. If true, a session is added, or
    ///   ``dismiss()`` is called.
    func admit(within limit: Int) -> Bool {
        state.withLock { state in
            guard state.admitted < limit else { return false }
            state.admitted += 1
            return true
        }
    }

    /// A handshake ended without a session.
    func dismiss() {
        state.withLock { $0.admitted -= 1 }
    }

    func add(_ session: RelaySession) {
        let bound = NIOLoopBound(session, eventLoop: session.loop)
        let isStopping = state.withLock { state in
            state.sessions[session.id] = bound
            return state.isStopping
        }
        if isStopping { session.loop.execute { bound.value.drain() } }
    }

    func remove(_ session: RelaySession) {
        change { state in
            if state.sessions.removeValue(forKey: session.id) != nil { state.admitted -= 1 }
        }
    }

    func add(_ front: FrontHandler, on loop: any EventLoop) {
        let bound = NIOLoopBound(front, eventLoop: loop)
        let isStopping = state.withLock { state in
            state.fronts[ObjectIdentifier(front)] = bound
            return state.isStopping
        }
        if isStopping { loop.execute { bound.value.stop() } }
    }

    func remove(_ front: FrontHandler) {
        change { $0.fronts[ObjectIdentifier(front)] = nil }
    }

    /// Asks every connection to end once it is idle, and later ones at once.
    /// - Returns: a future that succeeds when none is left.
    func stop(on loop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        let (sessions, fronts, isEmpty) = state.withLock { state in
            state.isStopping = true
            state.whenEmpty = promise
            return (Array(state.sessions.values), Array(state.fronts.values), state.isEmpty)
        }
        if isEmpty { promise.succeed() }
        for session in sessions { session.eventLoop.execute { session.value.drain() } }
        for front in fronts { front.eventLoop.execute { front.value.stop() } }
        return promise.futureResult
    }

    /// Ends every connection without waiting for what it does.
    func abandon() {
        let (sessions, fronts) = state.withLock { (Array($0.sessions.values), Array($0.fronts.values)) }
        for session in sessions { session.eventLoop.execute { session.value.abandon() } }
        for front in fronts { front.eventLoop.execute { front.value.abandon() } }
    }

    /// Stops waiting for connections that do not end.
    func giveUp() {
        change { state in
            state.sessions = [:]
            state.fronts = [:]
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let promise = state.withLock { state in
            body(&state)
            guard state.isStopping, state.isEmpty else { return nil as EventLoopPromise<Void>? }
            defer { state.whenEmpty = nil }
            return state.whenEmpty
        }
        promise?.succeed()
    }
}
