import Logging
import NIOCore
import RewardModel
import Scoring
import Synchronization

/// What all connections of one gateway share. Safe from any thread.
final class GatewayShared: Sendable {
    let routes: RouteTable
    let limits: GatewayLimits
    let journal: any OutcomeJournal
    let logger: Logger
    let clock: @Sendable () -> Moment
    let budget: MemoryBudget
    let counters = GatewayCounters()
    let connections = ConnectionRegistry()
    private let random = Mutex(SystemRandomNumberGenerator())

    init(
        routes: RouteTable,
        limits: GatewayLimits,
        journal: any OutcomeJournal,
        logger: Logger,
        clock: @escaping @Sendable () -> Moment
    ) {
        self.routes = routes
        self.limits = limits
        self.journal = journal
        self.logger = logger
        self.clock = clock
        budget = MemoryBudget(limit: limits.memoryMax)
    }

    func now() -> Moment { clock() }

    func mintSession() -> SessionID {
        random.withLock { SessionID.mint(milliseconds: UInt64(clock().milliseconds), using: &$0) }
    }

    func opened(_ session: RelaySession) {
        counters.sessions.add(1, ordering: .relaxed)
        connections.add(session)
    }

    func closed(_ session: RelaySession) {
        connections.remove(session)
    }
}
