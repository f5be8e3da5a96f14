package import AdapterSeam
import NIOCore
package import RewardModel
import Synchronization

/// A component that a pool of workers holds. Calls from any thread gather in an inbox that the pool's event loop empties,
/// once for each burst. Those of an elementwise component may wait there for others, to be scored with them.
package final class WorkerComponent: LoadedComponent {
    package let description: ComponentDescription
    private let eventLoop: any EventLoop
    private let driver: NIOLoopBound<PoolDriver>
    private let published: PublishedStatistics

    private struct Inbox {
        var events: [ComponentEvent] = []
        var isDrainScheduled = false
    }

    private let inbox = Mutex(Inbox())
    private let gather: Gather?

    /// How long calls wait for others, and how many are enough.
    struct Gather: Sendable {
        let wait: TimeAmount
        let enough: Int
    }

    init(
        _ description: ComponentDescription,
        on eventLoop: any EventLoop,
        driver: NIOLoopBound<PoolDriver>,
        published: PublishedStatistics,
        gather: Gather?
    ) {
        self.description = description
        self.eventLoop = eventLoop
        self.driver = driver
        self.published = published
        self.gather = gather
    }

    /// As of the last tick of the pool.
    package var statistics: WorkerStatistics { published.value }

    package func open(_ episode: EpisodeKey) {
        if description.isStateful { post(.open(episode)) }
    }

    package func score(_ calls: [ScoreCall], into sink: any ScoreSink) {
        let sink = SinkReference(sink)
        post(.score(calls.map { PooledCall($0, sink: sink) }))
    }

    package func close(_ episode: EpisodeKey) {
        if description.isStateful { post(.close(episode)) }
    }

    package func retire() async {
        // The promise is only ever succeeded.
        try? await eventLoop.flatSubmit { [self] in
            drain()
            return driver.value.retire()
        }.get()
    }

    private func post(_ event: ComponentEvent) {
        let (isFirst, count) = inbox.withLock { inbox in
            inbox.events.append(event)
            defer { inbox.isDrainScheduled = true }
            return (!inbox.isDrainScheduled, inbox.events.count)
        }
        guard let gather else {
            if isFirst { eventLoop.execute { self.drain() } }
            return
        }
        // A timer that comes after its calls have gone makes the next ones wait less, and nothing worse.
        if isFirst { eventLoop.scheduleTask(in: gather.wait) { self.drain() } }
        if count == gather.enough { eventLoop.execute { self.drain() } }
    }

    /// On the event loop.
    private func drain() {
        let events = inbox.withLock { inbox in
            defer { inbox = Inbox() }
            return inbox.events
        }
        if !events.isEmpty { driver.value.take(events) }
    }
}

/// What a component's callers ask of its pool.
enum ComponentEvent: Sendable {
    case open(EpisodeKey)
    case score([PooledCall])
    case close(EpisodeKey)
}

/// A pool's statistics, for readers on other threads.
final class PublishedStatistics: Sendable {
    private let statistics = Mutex(WorkerStatistics())

    var value: WorkerStatistics {
        get { statistics.withLock { $0 } }
        set { statistics.withLock { $0 = newValue } }
    }
}
