import AdapterSeam
import BridgeConfig
import Gateway
import Logging
import RewardModel
import Scoring

/// Makes what the gateway stands in front of, from the configuration.
struct AttachmentLoader: Sendable {
    let rubrics: RubricLoader
    let options: BridgeOptions
    let journal: any OutcomeJournal
    let logger: Logger
    let probe: @Sendable (EnvironmentURL) -> EnvironmentProbe

    /// - Throws: ``BridgeError`` when a rubric cannot be loaded or does not fit its environment.
    func load(_ environment: EnvironmentOptions, at url: EnvironmentURL) async throws -> Loaded {
        let name = options.isSingle ? "" : environment.name
        guard let source = environment.rubric else {
            return Loaded(fronted: front(environment, name, at: url, with: nil), rubrics: [])
        }
        let active = try await bind(source, environment)
        var loaded = [active.rubric]
        var choices: [String: RubricBinding] = [:]
        for (choice, source) in environment.choices.sorted(by: { $0.key < $1.key }) {
            let bound = try await bind(source, environment)
            loaded.append(bound.rubric)
            choices[choice] = bound.binding
        }
        let attachment = Attachment(
            environment: environment.name,
            active: active.binding,
            choices: choices,
            tasks: try await tasks(of: environment, at: url),
            recording: options.ledger.record,
            historyMax: options.limits.historyMax.bytes
        )
        return Loaded(fronted: front(environment, name, at: url, with: attachment), rubrics: loaded)
    }

    private func front(
        _ environment: EnvironmentOptions,
        _ name: String,
        at url: EnvironmentURL,
        with attachment: Attachment?
    ) -> FrontedEnvironment {
        FrontedEnvironment(
            name: name,
            endpoint: url,
            attachment: attachment,
            redirectOrigins: environment.redirectOrigins.map(\.url)
        )
    }

    struct Loaded: Sendable {
        let fronted: FrontedEnvironment
        let rubrics: [RubricLoader.Loaded]
    }

    private func bind(
        _ source: RubricSource,
        _ environment: EnvironmentOptions
    ) async throws -> (rubric: RubricLoader.Loaded, binding: RubricBinding) {
        let rubric = try await rubrics.load(
            source,
            python: environment.python,
            runtime: environment.runtime
        )
        do {
            let binding = try RubricBinding(
                name: rubric.name,
                version: rubric.version,
                component: rubric.component,
                options: environment.attachment,
                view: environment.view,
                range: rubric.range,
                credit: rubric.credit,
                isMutable: rubric.isMutable
            )
            for finding in binding.policy.disagreements(unit: rubric.component.description.unit) {
                logger.warning("environment '\(environment.name)': \(finding)")
            }
            journal.record([.version(row(rubric))])
            return (rubric, binding)
        } catch {
            await rubric.component.retire()
            throw error
        }
    }

    private func row(_ rubric: RubricLoader.Loaded) -> VersionRow {
        VersionRow(
            version: rubric.version,
            rubric: rubric.name,
            tree: rubric.spec.canonical.json,
            mutable: rubric.isMutable,
            createdAt: WallClock.milliseconds()
        )
    }

    private func tasks(of environment: EnvironmentOptions, at url: EnvironmentURL) async throws -> TaskTable? {
        guard let pointer = environment.taskFrom else {
            guard environment.tasks == nil, environment.taskSplit == nil else {
                throw unfit(
                    environment,
                    "there is no task_from",
                    hint: "add for example task_from: /reset_request/seed"
                )
            }
            return nil
        }
        let table: TaskTable
        switch (environment.tasks, environment.taskSplit) {
        case (let path?, nil): table = try TaskFile.read(path, pointer: pointer)
        case (nil, let split?):
            table = try await TaskAPI(url: url, probe: probe(url)).read(split: split, pointer: pointer)
        case (nil, nil): throw unfit(environment, "task_from has nothing to look in", hint: "add tasks: or task_split:")
        case (_?, _?): throw unfit(environment, "there are both tasks and task_split", hint: "leave one of them out")
        }
        logger.info("\(table.count) tasks for environment '\(environment.name)'")
        return table
    }

    private func unfit(_ environment: EnvironmentOptions, _ reason: String, hint: String) -> BridgeError {
        BridgeError(
            .configuration,
            "could not use the tasks of environment '\(environment.name)': \(reason)",
            hint: hint
        )
    }
}
