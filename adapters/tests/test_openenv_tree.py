"""The tree of an outcome against the schema that OpenEnv's own validation has for it."""

from echo import adapter, scored, steps, turns
from openenv.core.rubrics import Gate, Rubric, RubricDict, Sequential, WeightedSum

from rewardbridge.adapters.openenv.tree import Tree, nodes_of
from rewardbridge.components import PARTS_MAX

# RubricNode of openenv/core/env_server/session_telemetry.py, after 0.10.0.
RUBRIC_NODE = {
    "name": str,
    "class_name": str,
    "children": list,
    "aggregation": str,
    "config": dict,
    "config_available": bool,
    "score": (float, type(None)),
    "evaluated": bool,
}


class Leaf(Rubric):
    def __init__(self, value=0.5):
        super().__init__()
        self.value = value

    def forward(self, action, observation):
        return self.value


class Told(Leaf):
    def validation_config(self):
        return {"value": self.value}


class Untold(Leaf):
    def validation_config(self):
        return {"value": object()}


class Average(WeightedSum):
    pass


class All(Rubric):
    """Calls each child, and gives the number of them."""

    def __init__(self, children):
        super().__init__()
        self.parts = RubricDict(children)

    def forward(self, action, observation):
        for each in self.parts.values():
            each(action, observation)
        return float(len(self.parts))


def called(rubric):
    tree = Tree(rubric)
    return tree.told(tree(None, None))


def by_name(result):
    return {each["name"]: each for each in result.tree}


def test_every_node_has_the_form_of_a_rubric_node():
    for result in scored(adapter("nested"), steps(turns())):
        assert [each["name"] for each in result.tree] == [
            "root",
            "root.rubric_0",
            "root.rubric_0.rubric_0",
            "root.rubric_0.rubric_0.rubric",
            "root.rubric_0.rubric_1",
            "root.rubric_0.rubric_2",
            "root.rubric_0.rubric_2.rubric_0",
            "root.rubric_0.rubric_2.rubric_1",
            "root.rubric_1",
        ]
        for node in result.tree:
            assert node.keys() == RUBRIC_NODE.keys()
            assert all(isinstance(node[name], form) for name, form in RUBRIC_NODE.items())
        assert result.tree[0]["score"] == result.reward


def test_aggregations_and_configurations():
    rubric = Sequential(Gate(Leaf(), 0.25), WeightedSum([Told(1.0), Untold(1.0)], [0.25, 0.75]), Average([Leaf()], [1]))
    nodes = by_name(called(rubric))
    told = {name: (each["aggregation"], each["config"], each["config_available"]) for name, each in nodes.items()}
    assert told == {
        "root": ("sequential", {}, True),
        "root.rubric_0": ("gate", {"threshold": 0.25}, True),
        "root.rubric_0.rubric": ("leaf", {}, False),
        "root.rubric_1": ("weighted_sum", {"weights": [0.25, 0.75]}, True),
        "root.rubric_1.rubric_0": ("leaf", {"value": 1.0}, True),
        "root.rubric_1.rubric_1": ("leaf", {}, False),
        "root.rubric_2": ("unknown", {}, False),
        "root.rubric_2.rubric_0": ("leaf", {}, False),
    }
    assert nodes["root"]["class_name"] == "openenv.core.rubrics.containers.Sequential"
    assert nodes["root.rubric_1"]["children"] == ["root.rubric_1.rubric_0", "root.rubric_1.rubric_1"]


def test_skipped_nodes_are_not_evaluated():
    nodes = by_name(called(Sequential(Leaf(0.0), Leaf(1.0))))
    assert [(each["score"], each["evaluated"]) for each in nodes.values()] == [(0.0, True), (0.0, True), (None, False)]


def test_one_rubric_at_two_places_is_told_twice():
    shared = Leaf(0.5)
    result = called(WeightedSum([shared, shared], [0.5, 0.5]))
    assert [(each["path"], each["value"], each["weight"]) for each in result.components] == [
        ("rubric_0", 0.5, 0.5),
        ("rubric_1", 0.5, 0.5),
    ]


def test_a_rubric_below_itself_ends_there():
    rubric = All({"a": Leaf()})
    rubric.parts["a"].back = rubric
    assert [each.name for each in nodes_of(rubric)] == ["root", "root.parts", "root.parts.a"]
    assert called(rubric).reward == 1.0


def test_children_that_come_during_the_episode_are_told_from_the_next_call_on():
    rubric = All({"a": Leaf(0.25)})
    tree = Tree(rubric)
    tree.told(tree(None, None))
    rubric.parts["b"] = Leaf(0.75)
    result = tree.told(tree(None, None))
    assert [each["value"] for each in result.components] == [None, 0.25, 0.75]


def test_more_nodes_than_an_outcome_carries_are_counted():
    result = called(All({f"n{each}": Leaf() for each in range(PARTS_MAX + 9)}))
    assert len(result.components) == PARTS_MAX and len(result.tree) == PARTS_MAX + 1
    # The container of the parts is the one more.
    assert result.metrics == {"parts_left_out": 10.0}
    assert result.tree[0]["name"] == "root"
    at_the_limit = called(All({f"n{each}": Leaf() for each in range(PARTS_MAX - 1)}))
    assert len(at_the_limit.components) == PARTS_MAX and at_the_limit.metrics is None


def test_what_was_scored_is_told_before_what_was_not():
    class Last(All):
        def forward(self, action, observation):
            return list(self.parts.values())[-1](action, observation)

    result = called(Last({f"n{each}": Leaf() for each in range(PARTS_MAX + 9)}))
    assert (result.components[0]["path"], result.components[0]["value"]) == (f"parts.n{PARTS_MAX + 8}", 0.5)
