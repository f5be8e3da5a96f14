import AdapterSeam
import BridgeConfig
import RewardModel
import SelfTest

/// Acts out a self-test: loads the rubric up to three times, one after the other, and scores records with each.
struct SelfTestRun: Sendable {
    let files: SelfTestFiles
    let patience: Duration
    let loadLimit: Duration
    let callLimit: Duration
    /// Whose views the rubric has to fit.
    let environments: [EnvironmentOptions]
    let placement: PlacementProbe
    let load: @Sendable (_ onSecondThread: Bool) async throws -> RubricLoader.Loaded

    /// Made-up records are made of this many; a rubric that hangs on them takes its time for each.
    private static let sampleMax = 16

    /// - Throws: ``BridgeError`` when the rubric cannot be loaded, or does not fit an environment's view.
    func run() async throws -> SelfTestReport {
        let first = try await load(false)
        do {
            try first.fit(to: environments)
        } catch {
            await first.component.retire()
            throw error
        }
        let scorer = RecordScorer(first, patience: patience)
        let records = await scorer.scoreAll(files.records)
        var probes = await look(at: first, with: scorer, records)
        await first.component.retire()
        probes.append(await scoreInSecondWorker(first, records))
        probes.append(await scoreOnSecondThread(first, records))
        return SelfTestReport(first, probes)
    }

    // MARK: - One instance

    private func look(
        at loaded: RubricLoader.Loaded,
        with scorer: RecordScorer,
        _ records: [ScoredRecord]
    ) async -> [Probe] {
        let again = await scorer.scoreAll(files.records)
        let oracle = await scorer.scoreAll(files.oracle ?? [])
        let floor = await scorer.scoreAll(files.floor ?? [])
        return [
            .load(loaded.costs, limit: loadLimit),
            .outcomes(records),
            .sameness(
                .again,
                of: records,
                and: again,
                isDeclared: loaded.isDeterministic,
                "a second time in one worker"
            ),
            .range(records, declared: loaded.valueRange),
            files.oracle.map { _ in .expected(.oracle, oracle, to: Extreme(.top, of: loaded.valueRange, or: records)) },
            await floorProbe(loaded, scorer, records, floor),
            .sensitivity(records, files.records.map(\.json)),
            .absences(await deprive(loaded.component.description, scorer, records, again)),
            .time(records + again, limit: callLimit),
            await placement.probe(loaded),
        ].compactMap { $0 }
    }

    private func floorProbe(
        _ loaded: RubricLoader.Loaded,
        _ scorer: RecordScorer,
        _ records: [ScoredRecord],
        _ floor: [ScoredRecord]
    ) async -> Probe {
        let bottom = Extreme(.bottom, of: loaded.valueRange, or: records)
        if files.floor != nil { return .expected(.floor, floor, to: bottom) }
        let isEpisode = loaded.component.description.unit == .episode
        var madeUp: [(Filler, ScoredRecord)] = []
        for line in files.records.prefix(Self.sampleMax) {
            for filler in Filler.allCases {
                guard let record = filler.replacing(in: line.json, everyStep: isEpisode) else { continue }
                madeUp.append((filler, await scorer.scored(RecordLines.Line(number: line.number, json: record))))
            }
        }
        return .madeUpFloor(madeUp, bottom)
    }

    private func deprive(
        _ description: ComponentDescription,
        _ scorer: RecordScorer,
        _ records: [ScoredRecord],
        _ again: [ScoredRecord]
    ) async -> [Deprived] {
        var deprived: [Deprived] = []
        for (position, line) in files.records.prefix(Self.sampleMax).enumerated() {
            for absence in Absence.all(of: description) {
                guard let record = absence.removed(from: line.json) else { continue }
                let result = await scorer.score(RecordLines.Line(number: line.number, json: record))
                deprived.append(Deprived(absence, records[position], again: again[position], result.outcome))
            }
        }
        return deprived
    }

    // MARK: - Another instance

    /// In the other order, so that what depends on the records before shows.
    private func scoreInSecondWorker(_ first: RubricLoader.Loaded, _ records: [ScoredRecord]) async -> Probe {
        guard placement.choices(of: first).contains(.worker) else {
            return .notCompared(
                .secondWorker,
                because: "embedded components share one interpreter; try --runtime worker"
            )
        }
        let how = "in another worker, in the other order"
        return await compare(.secondWorker, records, onSecondThread: false, isDeclared: first.isDeterministic, how)
    }

    /// Never a failure: in the bridge, calls come on the main thread.
    private func scoreOnSecondThread(_ first: RubricLoader.Loaded, _ records: [ScoredRecord]) async -> Probe {
        let obstacles = placement.threadObstacles(of: first)
        guard obstacles.count < first.parts.count else {
            return .notCompared(.secondThread, because: obstacles.map(\.reason).firstOnes.joined(separator: "; "))
        }
        let apart = obstacles.map { "; not \($0.path): \($0.reason)" }.joined()
        let how = "off the main thread" + apart
        return await compare(.secondThread, records, onSecondThread: true, isDeclared: false, how)
    }

    private func compare(
        _ name: Probe.Name,
        _ records: [ScoredRecord],
        onSecondThread: Bool,
        isDeclared: Bool,
        _ how: String
    ) async -> Probe {
        do {
            let loaded = try await load(onSecondThread)
            let again = await RecordScorer(loaded, patience: patience).scoreAll(files.records.reversed())
            await loaded.component.retire()
            return .sameness(name, of: records, and: again, isDeclared: isDeclared, how)
        } catch {
            return .notLoaded(name, (error as? BridgeError)?.message ?? "\(error)")
        }
    }
}

extension RecordScorer {
    func scored(_ record: RecordLines.Line) async -> ScoredRecord {
        ScoredRecord(line: record.number, await score(record))
    }

    func scoreAll(_ records: [RecordLines.Line]) async -> [ScoredRecord] {
        var all: [ScoredRecord] = []
        for record in records { all.append(await scored(record)) }
        return all
    }
}

extension [String] {
    /// Each one once, where it came first.
    fileprivate var firstOnes: [String] {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
