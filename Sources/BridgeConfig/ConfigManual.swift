import RewardModel

/// `docs/configuration.md`, made from the tables that read the files.
package enum ConfigManual {
    package static func markdown() -> String {
        ([introduction] + bridgeTables() + [rubricIntroduction] + rubricTables()).joined(separator: "\n") + "\n"
    }

    private static let introduction = """
        # Configuration

        <!-- Generated from Sources/BridgeConfig; a test checks that this page is fresh. -->

        `bridge.yaml` is one mapping. Every key is optional unless said otherwise; an unknown key is an error. Relative
        paths start from the file's folder. Durations are numbers with a unit (`250ms`, `5s`, `2m`), sizes whole numbers
        with a unit (`64KiB`, `16MiB`, `8MB`) or bytes. Pointers are JSON pointers under one of the roots `/action`,
        `/observation`, `/reset_request`, `/reset`, `/state`, `/task` and `/history`.

        ```yaml
        environments:
          wordle:
            url: http://127.0.0.1:8000
            rubric: python:rewards.py:score
            consumer: verifiers
        ```

        """

    private static let rubricIntroduction = """
        # Rubric files

        A rubric file holds one node: a component, or a combination of nodes. In a list of nodes, a component may also
        be written in one line.

        ```yaml
        name: math
        combine: weighted_sum
        of:
          - component: python:rewards.py:accuracy
            weight: 0.9
          - python:rewards.py:style
        ```

        """

    /// A table for each section, in the order of the settings.
    private static func bridgeTables() -> [String] {
        var sections: [(name: String, entries: [ManualEntry])] = []
        for entry in BridgeOptions.manual() {
            let name = entry.name.split(separator: ".").dropLast().joined(separator: ".")
            if let index = sections.firstIndex(where: { $0.name == name }) {
                sections[index].entries.append(entry)
            } else {
                sections.append((name, [entry]))
            }
        }
        return sections.map { table($0.entries, title: $0.name.isEmpty ? "Top level" : "`\($0.name)`") }
    }

    private static func rubricTables() -> [String] {
        let combinations = Combination.all.map { "`\($0.name)`" }.joined(separator: ", ")
        let forms = [
            ManualEntry(name: "component", type: ComponentReference.typeText, initial: "", summary: "What to call."),
            ManualEntry(name: "combine", type: combinations, initial: "", summary: "How nodes become one value."),
            ManualEntry(name: "of", type: "list of nodes", initial: "", summary: "The nodes to combine."),
        ]
        // The literal has the form that the initialiser asks for.
        let component = RubricComponent(reference: try! ComponentReference("python:rewards.py:score"))
        let node = RubricNode(name: "", content: .component(component))
        return [
            table(forms, title: "What a node is"),
            table(RubricNode.settings.manual(of: node, under: ""), title: "Keys of every node"),
            table(
                RubricComponent.settings.manual(of: component, under: ""),
                title: "Further keys of a component"
            ),
        ]
    }

    private static func table(_ entries: [ManualEntry], title: String) -> String {
        let rows = entries.map { entry in
            let name = entry.name.split(separator: ".").last.map(String.init) ?? entry.name
            let initial = entry.initial.isEmpty ? "" : "`\(entry.initial)`"
            return "| `\(name)` | \(entry.type) | \(initial) | \(entry.summary) |"
        }
        return (["## \(title)", "", "| setting | type | default | meaning |", "|---|---|---|---|"] + rows + [""])
            .joined(separator: "\n")
    }
}
