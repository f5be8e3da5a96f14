import AdapterSeam
import Glibc
import Logging
import NIOCore
import NIOPosix
import RewardModel

/// One worker: its process, its socket and its output, from the start to the last trace of it.
///
/// Confined to one event loop; not Sendable. Reports each thing once, in this order: loaded or failed; outcomes;
/// closed; exited, when all that it sent was read; gone, when nothing of it is left.
final class WorkerProcess {
    enum Report {
        case loaded(ComponentDescription)
        /// It will not be loaded; it is being killed if it runs.
        case failed(StartFailure)
        case outcome(id: UInt64, ComponentResult)
        case broke(ProtocolBreach)
        case closed
        case exited(ExitStatus)
        case gone
        case outputDropped(Int)
    }

    private enum Phase {
        case starting, awaitingHello, awaitingLoaded, loaded, failed
    }

    private let launch: WorkerLaunch
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let report: (Report) -> Void

    private var phase = Phase.starting
    private var child: ChildProcess?
    private var isKilled = false
    private var exit: ExitStatus?
    private var channel: (any Channel)?
    private var isSocketClosed = false
    private var outputs: [any Channel] = []
    private var scratch: String?
    private var progress: ProgressWord?
    private var timeout: Scheduled<Void>?
    private var outgoing: [WorkerMessage] = []
    private var frames = SentFrames()

    init(_ launch: WorkerLaunch, on eventLoop: any EventLoop, logger: Logger, report: @escaping (Report) -> Void) {
        self.launch = launch
        self.eventLoop = eventLoop
        self.logger = logger
        self.report = report
    }

    /// For closures that run on the event loop, as all of them do.
    private var bound: NIOLoopBound<WorkerProcess> { NIOLoopBound(self, eventLoop: eventLoop) }

    // MARK: - Start

    /// Call once.
    func start() {
        do throws(BridgeError) {
            try spawn()
        } catch {
            fail(.unavailable, error)
            gone()
        }
    }

    private func spawn() throws(BridgeError) {
        let scratch = try Folder.makeTemporary(in: launch.options.temporaryFolder)
        self.scratch = scratch
        progress = try ProgressWord(in: scratch)
        let (socket, channel) = try Descriptor.socketPair()
        let output = try Descriptor.pipe()
        let error = try Descriptor.pipe()
        let command = launch.command(
            scratch: scratch,
            channel: channel,
            output: output.writing,
            error: error.writing
        )
        let me = bound
        let eventLoop = eventLoop
        ChildProcess.start(command) { status in
            eventLoop.execute { me.value.exited(status) }
        } started: { result in
            eventLoop.execute {
                me.value.started(result, socket: socket, output: output.reading, error: error.reading)
            }
        }
        limit(launch.options.startTimeout, "said no hello")
    }

    private func started(
        _ result: Result<ChildProcess, BridgeError>,
        socket: Descriptor,
        output: Descriptor,
        error: Descriptor
    ) {
        switch result {
        case .failure(let error):
            fail(.unavailable, error)
            gone()
        case .success(let child):
            self.child = child
            if isKilled { child.signal(SIGKILL) }
            if phase == .starting { phase = .awaitingHello }
            connect(socket)
            capture(output, "stdout", .info)
            capture(error, "stderr", .warning)
        }
    }

    private func connect(_ socket: Descriptor) {
        let me = bound
        let frameMax = launch.options.frameMax
        ClientBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = ReplyHandler(frameMax: frameMax) { me.value.receive($0) }
                    try channel.pipeline.syncOperations.addHandler(handler)
                    me.value.channel = channel
                }
            }
            .withConnectedSocket(socket.give())
            .whenFailure { [logger] error in
                logger.error("could not use a worker's socket: \(error)")
                me.value.closed()
            }
    }

    private func capture(_ stream: Descriptor, _ name: String, _ level: Logger.Level) {
        let me = bound
        let max = launch.options.outputMax
        NIOPipeBootstrap(group: eventLoop)
            .channelInitializer { [logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = OutputHandler(name, level: level, max: max, logger: logger) {
                        me.value.report(.outputDropped($0))
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                    me.value.outputs.append(channel)
                }
            }
            .takingOwnershipOfDescriptor(input: stream.give())
            .whenFailure { [logger] error in logger.error("could not read a worker's \(name): \(error)") }
    }

    private func limit(_ duration: Duration, _ what: String) {
        timeout?.cancel()
        let error = BridgeError(.worker, "could not load '\(launch.name)': the worker \(what) within \(duration)")
        let me = bound
        timeout = eventLoop.scheduleTask(in: TimeAmount(duration)) { me.value.fail(.unavailable, error) }
    }

    private func fail(_ kind: OutcomeKind, _ error: BridgeError) {
        guard phase != .failed, phase != .loaded else { return }
        phase = .failed
        timeout?.cancel()
        kill()
        report(.failed(StartFailure(kind: kind, error: error)))
    }

    /// Refuses what the worker said in `loaded`.
    func refuse(_ failure: StartFailure) {
        phase = .awaitingLoaded
        fail(failure.kind, failure.error)
    }

    /// The id of the score that it says it runs; 0: it does not say.
    var runningScore: UInt64 { progress?.score ?? 0 }

    // MARK: - Messages

    /// Adds a message to those that ``flush()`` sends.
    func send(_ message: WorkerMessage) {
        outgoing.append(message)
    }

    func flush() {
        var messages = outgoing[...]
        outgoing.removeAll(keepingCapacity: true)
        while !messages.isEmpty {
            let count = FrameEncoder.count(fitting: launch.options.frameMax, of: messages)
            write(messages.prefix(count))
            messages = messages.dropFirst(count)
        }
        channel?.flush()
    }

    private func write(_ messages: ArraySlice<WorkerMessage>) {
        guard let channel else { return }
        frames.append(Array(messages))
        var buffer = channel.allocator.buffer(capacity: messages.reduce(0) { $0 + $1.size })
        FrameEncoder.write(messages, to: &buffer)
        channel.write(buffer, promise: nil)
    }

    private func receive(_ event: ReplyHandler.Event) {
        switch event {
        case .reply(let reply): receive(reply)
        case .breach(let breach): broke(breach)
        case .closed: closed()
        }
    }

    private func receive(_ reply: WorkerReply) {
        switch (reply, phase) {
        case (.hello(let protocols), .awaitingHello): greet(protocols)
        case (.loaded(let description), .awaitingLoaded):
            timeout?.cancel()
            phase = .loaded
            report(.loaded(description))
        case (.refused(let refusal), .awaitingLoaded):
            fail(refusal.kind, error(refusal))
        case (.outcome(let id, let result), .loaded):
            frames.answered(id)
            report(.outcome(id: id, result))
        case (.unreadable(let frame), .loaded): resend(frame)
        case (_, .failed): break
        default: broke(ProtocolBreach("a message out of turn"))
        }
    }

    private func greet(_ protocols: [Int]) {
        guard protocols.contains(1) else {
            return broke(ProtocolBreach("protocols \(protocols), of which the bridge speaks none; it speaks 1"))
        }
        phase = .awaitingLoaded
        limit(launch.options.loadTimeout, "did not load it")
        send(
            .load(root: launch.source.root, component: launch.source.node, frameMax: launch.options.frameMax)
        )
        flush()
    }

    private func error(_ refusal: ComponentRefusal) -> BridgeError {
        if let traceback = refusal.traceback { logger.info("\(traceback)") }
        return refusal.error(launch.source)
    }

    /// Sends the messages of an unreadable frame again, each alone, so that only those at fault fail.
    private func resend(_ frame: Int) {
        guard let messages = frames.take(frame) else {
            return broke(ProtocolBreach("an unreadable frame that was not sent"))
        }
        if messages.count > 1 {
            for position in messages.indices { write(messages[position...position]) }
            channel?.flush()
        } else if let id = messages.first?.scoreID {
            report(.outcome(id: id, ComponentResult(.failed(.unreadable))))
        } else {
            broke(ProtocolBreach("a message of the bridge found unreadable"))
        }
    }

    private func broke(_ breach: ProtocolBreach) {
        guard phase != .failed else { return }
        if phase == .loaded { return report(.broke(breach)) }
        fail(.protocolError, BridgeError(.worker, "could not load '\(launch.name)': the worker sent \(breach.message)"))
    }

    // MARK: - End

    /// SIGKILL to the process group, now or as soon as it runs.
    func kill() {
        isKilled = true
        child?.signal(SIGKILL)
    }

    private func closed() {
        channel = nil
        isSocketClosed = true
        if exit == nil, phase == .loaded { report(.closed) }
        finishExit()
    }

    /// The process is reaped. What it wrote before is still on its way; the end of the socket says that all was read.
    private func exited(_ status: ExitStatus) {
        exit = status
        // It refers to this object in turn.
        child = nil
        timeout?.cancel()
        // Somebody whom the sweep could not find may hold the other end.
        let me = bound
        timeout = eventLoop.scheduleTask(in: TimeAmount(launch.options.stopTimeout)) {
            me.value.channel?.close(promise: nil)
        }
        finishExit()
    }

    private func finishExit() {
        guard let exit, isSocketClosed else { return }
        if phase == .loaded {
            report(.exited(exit))
        } else {
            let error = BridgeError(.worker, "could not load '\(launch.name)': the worker ended with \(exit)")
            fail(.crash, error)
        }
        closeOutputs()
    }

    private func closeOutputs() {
        let closed = EventLoopFuture.andAllComplete(outputs.map(\.closeFuture), on: eventLoop)
        let timer = eventLoop.scheduleTask(in: TimeAmount(launch.options.stopTimeout)) { [outputs] in
            for output in outputs { output.close(promise: nil) }
        }
        let me = bound
        closed.whenComplete { _ in
            timer.cancel()
            me.value.gone()
        }
    }

    private func gone() {
        timeout?.cancel()
        guard let scratch else { return report(.gone) }
        let me = bound
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) { Folder.remove(scratch) }
            .whenComplete { _ in me.value.report(.gone) }
    }
}

/// Why a worker cannot be had.
struct StartFailure {
    var kind: OutcomeKind
    var error: BridgeError
}
